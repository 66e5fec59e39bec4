import json
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST


@require_GET
def longwave_session(request):
    """For Longwave. The browser could ask, too, and would learn about its own session only."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    return JsonResponse(
        {
            "subject": request.user.get_username(),
            "expiresIn": settings.SESSION_COOKIE_AGE,  # being asked prolongs the session, like any request
            "subscribe": ["users/{sub}/**", "news"],
        }
    )


@require_GET
@login_required
def index(request):
    name = request.user.get_username()
    stream = {"longwave": settings.LONGWAVE_URL, "topic": request.GET.get("topic", f"users/{name}/inbox")}
    return render(request, "index.html", {"name": name, "stream": stream})


@require_POST
def sign_out(request):
    name = request.user.get_username()
    logout(request)
    if name:
        # Only now: Longwave asks again when the streams reconnect, and the session must have ended.
        end_streams(name)
    return redirect("/")


def end_streams(name):
    """Ends the open streams of a user. Those of the user's other sessions reconnect."""
    body = json.dumps({"subject": name}).encode()
    request = Request(
        f"{settings.LONGWAVE_ADMIN_URL}/admin/disconnect", data=body, headers={"Content-Type": "application/json"}
    )
    with urlopen(request, timeout=10):
        pass
