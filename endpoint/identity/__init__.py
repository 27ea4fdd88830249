"""Who somebody is: sign-ins of phones and of the console, and the provider that vouches for a person.

A provider shows its own pages in the system browser and ends by calling `sign_ins.choose` (for a phone) or
`console_session.create` (for the console). Nothing else in the endpoint knows which provider it is.
"""
