"""The link between a CRM contact and its Spotler contact.

status   a contact's status
facts    what bears on it, read by one statement
missed   what a contact still waits for, or missed: parts of that statement
lag      in what Spotler is behind, and since when
tie      mark contacts as linked or not, as Spotler reports them
lease    the lease for writing a contact
address  who may have an e-mail address
there    whose address Spotler has, though nobody is tied to it
part      contacts that are gone from the CRM
former   links of an account that was replaced
primary  who is a relation's primary contact, and who was
"""
