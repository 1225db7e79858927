"""What has to be installed for a store of files, by the scheme of its address."""

#: The libraries of the stores that are used most; for S3 sellerkit has an extra.
LIBRARIES = {
    "s3": "sellerkit[s3]",
    "s3a": "sellerkit[s3]",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "smb": "smbprotocol",
    "webdav": "webdav4[fsspec]",
}
