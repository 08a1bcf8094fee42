export type Actor = {
  kind: 'user' | 'api_key' | 'task' | 'system'
  /** Id of the user, API key or task; empty for the system. */
  id: string
  name: string
}

export const systemActor: Actor = { kind: 'system', id: '', name: '系统' }

export type Granted = 'all' | readonly string[]

/** The shops and warehouses that a request may read and change. Every list and verb takes a scope; there is no default. */
export type Scope = { shops: Granted; warehouses: Granted }

export const wholeScope: Scope = { shops: 'all', warehouses: 'all' }

/**
 * The actor on whose behalf a verb runs, and the scope of that actor. `request`: the HTTP request that asked for the verb; undefined in a
 * worker.
 */
export type By = { actor: Actor; scope: Scope; request?: { ip: string; id: string } | undefined }
