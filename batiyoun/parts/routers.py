"""Every route of the API."""

from __future__ import annotations

from batiyoun.account import routes as account_routes
from batiyoun.audit import routes as audit_routes
from batiyoun.auth import code_routes, key_routes, session_routes
from batiyoun.auth import routes as auth_routes
from batiyoun.auth.address import routes as address_routes
from batiyoun.auth.api_tokens import routes as api_token_routes
from batiyoun.auth.oidc import routes as oidc_routes
from batiyoun.auth.passkeys import routes as passkey_routes
from batiyoun.auth.password import routes as password_routes
from batiyoun.auth.second_factor import routes as second_factor_routes
from batiyoun.auth.step_up import routes as step_up_routes
from batiyoun.blocks import routes as block_routes
from batiyoun.chats import routes as chat_routes
from batiyoun.chats.groups import routes as group_routes
from batiyoun.chats.preferences import routes as preference_routes
from batiyoun.files import routes as file_routes
from batiyoun.invites import routes as invite_routes
from batiyoun.keys import routes as e2ee_key_routes
from batiyoun.reports import routes as report_routes
from batiyoun.users import routes as user_routes

ROUTERS = (
    auth_routes.router, code_routes.router, step_up_routes.router, user_routes.router, chat_routes.router,
    second_factor_routes.router, passkey_routes.router, oidc_routes.router,
    audit_routes.router, invite_routes.router, address_routes.router, file_routes.router, account_routes.router,
    password_routes.router, session_routes.router, key_routes.router, api_token_routes.router, e2ee_key_routes.router,
    group_routes.router, preference_routes.router, block_routes.router, report_routes.router,
)  # fmt: skip
