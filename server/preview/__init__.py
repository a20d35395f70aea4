"""What a message would say to a lead, before anybody receives it.

The channel writes it as it would to send it, from the files as they are saved: nothing is followed
nor recorded, and nothing leaves but what is sent, on request, to an address of the house.
"""
