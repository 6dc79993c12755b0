"""A city's single sign-on by OpenID Connect: the authorization code flow with PKCE, and what its ID token proves."""
