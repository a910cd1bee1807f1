{{- define "council.name" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end }}

{{- define "council.selector" -}}
app.kubernetes.io/name: council
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "council.labels" -}}
{{ include "council.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "council.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* The secrets of a component, one per line: only what calls models gets the providers' keys. */ -}}
{{- define "council.secretKeys" -}}
{{- $keys := .root.Values.secret.keys -}}
{{- if ne .component "web" -}}{{- $keys = concat $keys .root.Values.secret.providerKeys -}}{{- end -}}
{{- if eq .component "migration" -}}
{{- $keys = list -}}
{{- range .root.Values.secret.keys }}{{- if has . (list "DATABASE_URL" "DATABASE_PASSWORD" "COUNCIL_MASTER_KEY") }}{{- $keys = append $keys . }}{{- end }}{{- end }}
{{- end -}}
{{- uniq $keys | join "\n" -}}
{{- end }}

{{- define "council.environment" -}}
{{- range $name, $value := .root.Values.settings }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
- {name: COUNCIL_DATA, value: /data}
- {name: HOME, value: /tmp}
- {name: HOST, value: 0.0.0.0}
{{- if ne .component "migration" }}
- {name: PORT, value: "3000"}
- {name: METRICS_PORT, value: "3002"}
- {name: WORKER_PORT, value: "3001"}
- {name: MIRRORS_MB, value: {{ .root.Values.mirrors.sizeMiB | int | quote }}}
{{- end }}
{{- range splitList "\n" (include "council.secretKeys" .) }}
{{- if . }}
- {name: {{ . }}_FILE, value: /run/secrets/council/{{ . }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "council.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ .root.Values.secret.existing }}
    defaultMode: 0440
    items:
    {{- range splitList "\n" (include "council.secretKeys" .) }}
    {{- if . }}
    - {key: {{ . }}, path: {{ . }}}
    {{- end }}
    {{- end }}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- end }}

{{- define "council.mounts" -}}
- {name: secrets, mountPath: /run/secrets/council, readOnly: true}
- {name: tmp, mountPath: /tmp}
- {name: data, mountPath: /data}
{{- end }}

{{- define "council.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "council.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "council.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "council.from" -}}
{{- with . }}
from: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
