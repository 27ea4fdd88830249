"""The settings of the sign-in: each fault is named, no secret is shown, the demo stays apart."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from endpoint.__main__ import main
from endpoint.app import create_app
from endpoint.errors import DemoOnlyError, SettingError
from endpoint.identity.demo import DemoProvider
from endpoint.identity.grants import Client, algorithm_of
from endpoint.identity.metadata import Reach
from endpoint.identity.openid import OpenIdProvider
from endpoint.parts import Parts
from endpoint.settings import Settings, from_environment, to_environment

GIVEN = {
    "RAPP_OIDC_ISSUER": "https://idp.example/realms/kommun",
    "RAPP_OIDC_CLIENT_ID": "rapp",
    "RAPP_OIDC_CLIENT_SECRET": "hush-hush",
    "RAPP_OIDC_IDENTITY_CLAIM": "employeeHsaId",
    "RAPP_OIDC_ACR": "http://id.sambi.se/loa/loa3 http://id.sambi.se/loa/loa4",
}


def test_settings_of_a_provider_survive_the_way_to_a_worker() -> None:
    more = {
        "RAPP_OIDC_SCOPES": "openid commission",
        "RAPP_OIDC_AMR": "swk",
        "RAPP_OIDC_REQUIRED_CLAIMS": "commissionHsaId groups=rapp",
        "RAPP_OIDC_ALGORITHMS": "PS256",
        "RAPP_OIDC_SKEW_SECONDS": "30",
        "RAPP_OIDC_CHECK_MINUTES": "5",
        "RAPP_CONTACT": "Johan Berg",
    }
    for given in (GIVEN, GIVEN | more, GIVEN | {"RAPP_OIDC_ACR": "any"}, {}):
        settings = from_environment(given)
        assert from_environment(to_environment(settings)) == settings


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"RAPP_OIDC_ISSUER": ""}, "RAPP_OIDC_ISSUER: missing"),
        ({"RAPP_OIDC_ISSUER": "http://idp.example"}, "RAPP_OIDC_ISSUER: must be an https"),
        ({"RAPP_OIDC_ISSUER": "idp.example"}, "RAPP_OIDC_ISSUER: must be an https"),
        ({"RAPP_OIDC_ISSUER": "https://idp.example/?x=1"}, "RAPP_OIDC_ISSUER: must be an https"),
        ({"RAPP_OIDC_CLIENT_ID": ""}, "RAPP_OIDC_CLIENT_ID: missing"),
        ({"RAPP_OIDC_CLIENT_SECRET": ""}, "RAPP_OIDC_CLIENT_SECRET: give one of"),
        ({"RAPP_OIDC_PRIVATE_KEY_FILE": "/x"}, "RAPP_OIDC_CLIENT_SECRET: give one of"),
        ({"RAPP_OIDC_IDENTITY_CLAIM": " "}, "RAPP_OIDC_IDENTITY_CLAIM: missing"),
        ({"RAPP_OIDC_ACR": ""}, "RAPP_OIDC_ACR: missing"),
        ({"RAPP_OIDC_SCOPES": "profile"}, "RAPP_OIDC_SCOPES: must name openid"),
        ({"RAPP_OIDC_ALGORITHMS": "RS256 none"}, "RAPP_OIDC_ALGORITHMS: none"),
        ({"RAPP_OIDC_ALGORITHMS": "HS256"}, "RAPP_OIDC_ALGORITHMS: HS256"),
        ({"RAPP_OIDC_SKEW_SECONDS": "3600"}, "RAPP_OIDC_SKEW_SECONDS: must be"),
        ({"RAPP_OIDC_SKEW_SECONDS": "-1"}, "RAPP_OIDC_SKEW_SECONDS: must be"),
        ({"RAPP_OIDC_CHECK_MINUTES": "soon"}, "RAPP_OIDC_CHECK_MINUTES: must be"),
        ({"RAPP_OIDC_CLIENTID": "rapp"}, "RAPP_OIDC_CLIENTID: there is no such setting"),
        ({"RAPP_PORT": "http"}, "RAPP_PORT: must be"),
        ({"RAPP_PUBLIC_URL": "http://rapp.example"}, "RAPP_PUBLIC_URL: must be https"),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_the_endpoint_does_not_start(
    changed: Mapping[str, str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name, value in (GIVEN | changed).items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--data", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith(named)
    assert "hush-hush" not in told
    assert not (tmp_path / "endpoint.keys").exists()


def test_a_secret_is_read_from_its_file_and_shown_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from-a-file\n")
    given = GIVEN | {"RAPP_OIDC_CLIENT_SECRET": "", "RAPP_OIDC_CLIENT_SECRET_FILE": str(path)}
    settings = from_environment(given)
    assert settings.openid is not None
    assert settings.openid.secret == "from-a-file"
    assert "from-a-file" not in str(to_environment(settings))
    assert "hush-hush" not in repr(from_environment(GIVEN))
    path.write_text("")
    with pytest.raises(SettingError, match=r"CLIENT_SECRET_FILE: the file is empty"):
        from_environment(given)
    path.unlink()
    with pytest.raises(SettingError, match=r"CLIENT_SECRET_FILE: .* cannot be read"):
        from_environment(given)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048, private=True), "PS256"),
        (ECKey.generate_key("P-384", private=True), "ES384"),
        (OKPKey.generate_key("Ed25519", private=True), "EdDSA"),
    ],
    ids=["RSA", "EC", "Ed25519"],
)
def test_the_clients_own_key_may_be_of_any_kind_and_is_for_its_owner_alone(
    key: RSAKey | ECKey | OKPKey, algorithm: str, tmp_path: Path
) -> None:
    path = tmp_path / "client.pem"
    given = GIVEN | {"RAPP_OIDC_CLIENT_SECRET": "", "RAPP_OIDC_PRIVATE_KEY_FILE": str(path)}
    path.write_bytes(key.as_pem(private=True))
    path.chmod(0o644)
    settings = from_environment(given).openid
    assert settings is not None
    with pytest.raises(SettingError, match="readable by others"):
        Client(settings, Reach())
    path.chmod(0o600)
    found = Client(settings, Reach()).key
    assert found is not None
    assert algorithm_of(found) == algorithm
    path.write_bytes(key.as_pem(private=False))
    with pytest.raises(SettingError, match="holds no private key"):
        Client(settings, Reach())


def test_the_demo_and_a_provider_are_never_there_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = from_environment(GIVEN | {"RAPP_DEMO": "1", "RAPP_DATA": str(tmp_path)})
    with pytest.raises(SettingError, match="RAPP_DEMO"):
        create_app(settings)
    with pytest.raises(DemoOnlyError):
        DemoProvider(from_environment(GIVEN))
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", "--demo", "--data", str(tmp_path / "real")]) == 1
    assert "RAPP_DEMO" in capsys.readouterr().err
    assert not (tmp_path / "real").exists()


def test_with_a_provider_no_page_of_the_demo_is_there(tmp_path: Path) -> None:
    app = create_app(from_environment(GIVEN | {"RAPP_DATA": str(tmp_path)}))
    parts: Parts = app.state.parts
    assert isinstance(parts.provider, OpenIdProvider)
    assert not [route.path for route in app.routes if "demo" in route.path]
    parts.database.close()
    bare = create_app(Settings(data=tmp_path))
    assert not [route.path for route in bare.routes if "demo" in route.path or "signin/answer" in route.path]
    assert bare.state.parts.provider is None
    bare.state.parts.database.close()
