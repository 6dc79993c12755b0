"""Webhooks: what happens with requests, told to other systems after the Standard Webhooks specification."""
