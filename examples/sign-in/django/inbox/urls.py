from django.contrib.auth.views import LoginView
from django.urls import path

from inbox import views

urlpatterns = [
    path("", views.index),
    path("accounts/login/", LoginView.as_view()),
    path("sign-out", views.sign_out),
    path("longwave-session", views.longwave_session),
]
