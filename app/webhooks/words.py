"""The words of this room's pages: states, faults, why something ended, what is wrong with an address."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy

STATES: Mapping[str, LazyString] = {
    "waiting": lazy("Waits for an attempt"),
    "delivered": lazy("Delivered"),
    "dead": lazy("Given up"),
    "dropped": lazy("Ended before"),
}
TONES: Mapping[str, str] = {"waiting": "attention", "delivered": "good", "dead": "wrong"}
ENDED: Mapping[str, LazyString] = {
    "person": lazy("Ended by somebody who answers for it."),
    "gone": lazy("Ended by itself: the address answered that it is gone for good (410)."),
    "rights": lazy("Ended by itself: whoever answered for it may no longer do so."),
    "closed": lazy("Ended by itself: the organisation's account is closed."),
}
ADDRESS: Mapping[str, LazyString] = {
    "url_odd": lazy("Copy the address again: it has blanks or characters that no address has, or is far too long."),
    "url_scheme": lazy("Give an address that begins with https://."),
    "url_user": lazy("Take the user name and the password out of the address: what we send is signed instead."),
    "url_host": lazy("Write the host as a name, such as hooks.example.com, or as a usual network address."),
    "url_port": lazy("Use a port that this installation allows: {ports}."),
    "url_unresolved": lazy("No host of this name is found at the moment. Compare it, or try again later."),
    "url_private": lazy(
        "This host lies within a private network, or is this installation itself, to which nothing is sent. Use an "
        "address on the public internet, or ask the operator to allow it."
    ),
}
PLACE: Mapping[str, LazyString] = {
    "station_unknown": lazy("Choose a station of yours."),
    "county_unknown": lazy("Choose a county or district of yours."),
    "place_missing": lazy("Choose of where it tells: a county or district, or a station."),
}
FAULTS: Mapping[str, LazyString] = {
    **{code: words for code, words in ADDRESS.items() if code not in {"url_port", "url_unresolved", "url_private"}},
    "url_port": lazy("The port isn't allowed here any more."),
    "url_unresolved": lazy("The host wasn't found."),
    "url_private": lazy("The host led into a private network, or back to this installation."),
    "timeout": lazy("No answer within 15 seconds"),
    "connection": lazy("No connection, or it broke off"),
    "tls": lazy("The certificate isn't right"),
    "protocol": lazy("What was answered isn't HTTP"),
    "secret": lazy("The secret can't be read here; make a new one"),
}


def fault_words(fault: str) -> str:
    return str(FAULTS.get(fault, fault))
