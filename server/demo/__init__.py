"""The demonstration: the real server on the rules library, with what a newcomer lacks.

A shop page with a form, a mailbox that receives real SMTP, a page that shows each lead's
journey, and a clock that can be moved forward. Nothing here runs in production.
"""
