module assay.invalid/guests

go 1.25
