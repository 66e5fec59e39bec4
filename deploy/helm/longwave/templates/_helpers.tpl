{{- define "longwave.name" -}}
{{- if contains "longwave" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-longwave{{ end }}
{{- end }}

{{- define "longwave.selector" -}}
app.kubernetes.io/name: longwave
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "longwave.labels" -}}
{{ include "longwave.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "longwave.keysSecret" -}}
{{- if .Values.keys.content }}{{ include "longwave.name" . }}-keys{{ else }}{{ .Values.keys.secretName }}{{ end }}
{{- end }}
