def comment(reports, url):
    return ""
