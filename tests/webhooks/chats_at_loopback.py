"""The process that sends by apprise, as it is but for where the makers of group chats are: at the address given."""

import sys

from app.notify.relaying import child

if __name__ == "__main__":
    for plugin, _secret in child.ROBOTS.values():
        plugin.notify_url = sys.argv[1] + plugin.notify_url.partition("://")[2].partition("/")[2]
    child.main()
