/** Who does something: written on events, logs and audit rows. */
export type Actor = {
  kind: 'user' | 'api_key' | 'task' | 'system'
  /** The user's, key's or task's id; empty for the system. */
  id: string
  /** Shown beside the event: 林晓, 计划任务 … */
  name: string
}

export const systemActor: Actor = { kind: 'system', id: '', name: '系统' }

export type Granted = 'all' | readonly string[]

/** Which shops and warehouses a request may touch. Every list and verb takes one; there is no default. */
export type Scope = { shops: Granted; warehouses: Granted }

export const wholeScope: Scope = { shops: 'all', warehouses: 'all' }

/** On whose behalf a verb runs, and what it may touch; `request`: the one that asks for it, which a worker has none of. */
export type By = { actor: Actor; scope: Scope; request?: { ip: string; id: string } | undefined }
