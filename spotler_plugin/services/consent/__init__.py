"""Who switched which permission, and what may be written because of it.

acts      record acts, judge them, note what took effect
sign_off  sign-offs that were seen in Spotler
switches  the permissions as the modal shows them
"""
