"""URLs of consequences; a list's own page and its steps stand with the procedure."""

from django.urls import path

from cohorts.penalty import views

urlpatterns = [
    path("penalties/", views.Penalties.as_view(), name="penalties"),
    path("payroll/", views.PayrollLists.as_view(), name="payroll_lists"),
    path("payroll/new/", views.NewPayrollList.as_view(), name="payroll_new"),
    path("payroll/<uuid:public_id>/file/", views.PayrollFile.as_view(), name="payroll_file"),
    path("eligibility/", views.Eligibility.as_view(), name="eligibility"),
]
