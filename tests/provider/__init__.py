"""The certified OpenID Connect provider (npm oidc-provider), fetched once and run by node."""
