"""What programs ask by `/api/v1`: each operation says who may, what it takes and what it answers.

The OpenAPI document is made of these very declarations, so that what it says is what is done.
"""
