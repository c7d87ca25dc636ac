"""post: one comment on a pull request, found again by its first line and by who wrote it."""

from ci.github import BOT, Github


def post(github: Github, number: int, text: str) -> None:
    """Post the comment, or update the one that begins with the same line and is the workflow's own."""
    marker = text.partition("\n")[0]
    for each in github.pages(f"issues/{number}/comments"):
        if each["user"]["login"] == BOT and each["body"].partition("\n")[0].strip() == marker:
            if each["body"].strip() != text.strip():
                github.send("PATCH", f"issues/comments/{each['id']}", {"body": text})
            return
    github.send("POST", f"issues/{number}/comments", {"body": text})
