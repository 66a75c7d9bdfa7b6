"""Chinese: Django's own display formats stand; only what inputs accept differs, ISO first."""

from django.conf.locale.zh_Hans import formats as django_formats

# Django writes %n and %j in its Chinese input formats, which strptime refuses; month and day are %m and %d.
_WRITTEN = [form.replace("%n", "%m").replace("%j", "%d") for form in django_formats.DATE_INPUT_FORMATS]
DATE_INPUT_FORMATS = ["%Y-%m-%d", *(form for form in _WRITTEN if form != "%Y-%m-%d"), "%Y.%m.%d"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
FIRST_DAY_OF_WEEK = 1
