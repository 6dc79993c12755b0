"""The pages of this room, the same for owners of an organisation and for administrators."""

from app.accounts.callers import allowed, signed_in
from app.accounts.rules.rights import Permission
from app.kit.doors import Door
from app.webhooks.pages.changing import CHANGING
from app.webhooks.pages.docs import router as docs
from app.webhooks.pages.frame import OF_ORGANISATION, OFFICE, doors
from app.webhooks.pages.looking import LOOKING

router = Door()
router.include_router(docs)
for base, rule in ((OF_ORGANISATION, signed_in), (OFFICE, allowed(Permission.WEBHOOKS_MANAGE))):
    router.include_router(doors(base, rule, (*LOOKING, *CHANGING)))
