"""contact_modal"""
