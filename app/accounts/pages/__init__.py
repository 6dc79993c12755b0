"""The pages of this room."""

from app.accounts.pages.account import router as account
from app.accounts.pages.keys import router as keys
from app.accounts.pages.password import router as password
from app.accounts.pages.privacy import router as privacy
from app.accounts.pages.register import router as register
from app.accounts.pages.second_factor import router as second_factor
from app.accounts.pages.sessions import router as sessions
from app.accounts.pages.sign_in import router as sign_in
from app.accounts.pages.sso import router as sso
from app.kit.doors import Door

router = Door()
for part in (privacy, sign_in, sso, register, password, account, second_factor, sessions, keys):
    router.include_router(part)
