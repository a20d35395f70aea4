"""The page of one campaign: its script and tree, its people, its report, its versions, its life."""
