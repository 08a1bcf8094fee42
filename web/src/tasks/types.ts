/** Shapes of /api/tasks and /api/task-runs. */
export type Schedule = { everySeconds: number } | { cron: string; timeZone: string }

export type TaskRow = {
  id: string
  kind: string
  name: { zh: string; en: string }
  shopId: string | null
  enabled: boolean
  schedule: Schedule
  params: Record<string, unknown>
  paramsSchema: unknown
  nextRunAt: string | null
  running: boolean
  failures: number
  lastRun: RunRow | null
}

export type RunRow = {
  id: string
  taskId: string
  kind: string
  shopId: string | null
  trigger: 'schedule' | 'person' | 'again'
  state: 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'lost'
  requestedBy: string
  requestedAt: string
  startedAt: string | null
  endedAt: string | null
  windowFrom: string | null
  windowTo: string | null
  pages: number
  seen: number
  created: number
  updated: number
  skipped: Record<string, number>
  failed: number
  requests: number
  report: Record<string, unknown> | null
  errorCode: string
  error: string
}

/** How far each shop's stream is complete, and the windows that made it so. */
export type CoverageRow = {
  shopId: string
  stream: string
  completeTo: string | null
  behindMs: number | null
  state: 'complete' | 'chasing' | 'paused' | 'failing'
  /** 授权失效，已停 … */
  reason: { zh: string; en: string } | null
  seen: number
  created: number
  updated: number
  skipped: number
  windows: { from: string; to: string; state: 'done' | 'running' | 'failed' }[]
}
