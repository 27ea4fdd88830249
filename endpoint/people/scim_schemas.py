"""What the SCIM service says of itself (RFC 7643, 5 to 7)."""

from typing import Any

from endpoint.people.scim_users import ENTERPRISE, ROLES, USER

_NO = {"supported": False}

CONFIG: dict[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 500},
    "changePassword": _NO,
    "sort": _NO,
    "etag": _NO,
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A key made on the console by an administrator",
        }
    ],
    "meta": {"resourceType": "ServiceProviderConfig"},
}

RESOURCE_TYPES: list[dict[str, Any]] = [
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "schema": USER,
        "schemaExtensions": [
            {"schema": ENTERPRISE, "required": False},
            {"schema": ROLES, "required": False},
        ],
        "meta": {"resourceType": "ResourceType"},
    }
]


def _attribute(name: str, type: str = "string", required: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": type,
        "multiValued": more.pop("many", False),
        "required": required,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": more.pop("uniqueness", "none"),
        **more,
    }


def _schema(id: str, name: str, attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": id,
        "name": name,
        "attributes": attributes,
        "meta": {"resourceType": "Schema"},
    }


SCHEMAS: list[dict[str, Any]] = [
    _schema(
        USER,
        "User",
        [
            _attribute("userName", required=True, uniqueness="server"),
            _attribute(
                "name",
                "complex",
                subAttributes=[_attribute(one) for one in ("formatted", "givenName", "familyName")],
            ),
            _attribute("displayName"),
            _attribute("title"),
            _attribute("preferredLanguage"),
            _attribute("active", "boolean"),
            *(
                _attribute(
                    name, "complex", many=True, subAttributes=[_attribute("value"), _attribute("type")]
                )
                for name in ("phoneNumbers", "emails")
            ),
        ],
    ),
    _schema(ENTERPRISE, "EnterpriseUser", [_attribute("department")]),
    _schema(
        ROLES,
        "StaffRoles",
        [
            _attribute(
                "roles",
                "complex",
                many=True,
                subAttributes=[
                    _attribute("role", required=True),
                    _attribute("unit", required=True),
                    _attribute("start", "dateTime"),
                    _attribute("end", "dateTime"),
                ],
            )
        ],
    ),
]
