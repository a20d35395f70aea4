"""The life of a campaign: its states, what is done to it and to those inside, and whether it runs."""
