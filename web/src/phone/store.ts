// What a phone keeps of its own (IndexedDB): scans that wait for the network, and what pages showed last.

type Table = 'scans' | 'kept'

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open('sanyi-phone', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('scans', { keyPath: 'id', autoIncrement: true })
      request.result.createObjectStore('kept')
    }
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
  })
  return opened
}

/** Answers once the change is on the disk. */
async function run<T>(
  table: Table,
  mode: IDBTransactionMode,
  work: (rows: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const tx = (await open()).transaction(table, mode, { durability: 'strict' })
  const request = work(tx.objectStore(table))
  return new Promise((done, fail) => {
    tx.oncomplete = () => done(request.result)
    tx.onerror = () => fail(tx.error)
    tx.onabort = () => fail(tx.error)
  })
}

/** Returns the id, which rises: scans are sent in this order. */
export const addScan = async (scan: object): Promise<number> =>
  Number(await run('scans', 'readwrite', (rows) => rows.add(scan)))
export const replaceScan = (scan: object) => run('scans', 'readwrite', (rows) => rows.put(scan))
export const removeScan = (id: number) => run('scans', 'readwrite', (rows) => rows.delete(id))
export const allScans = <Scan>(): Promise<Scan[]> =>
  run('scans', 'readonly', (rows) => rows.getAll() as IDBRequest<Scan[]>)

const keptMs = 7 * 24 * 3_600_000

export const keep = (key: string, value: unknown) =>
  run('kept', 'readwrite', (rows) => rows.put({ at: Date.now(), value }, key))

/** Returns the value that was kept under the key in the last seven days; undefined: there is none. */
export async function keptValue<Value>(key: string): Promise<Value | undefined> {
  const found = await run(
    'kept',
    'readonly',
    (rows) => rows.get(key) as IDBRequest<{ at: number; value: Value } | undefined>,
  )
  return found && found.at > Date.now() - keptMs ? found.value : undefined
}

/** Deletes the values that were kept more than seven days ago. */
export async function dropOldKept(): Promise<void> {
  const keys = await run('kept', 'readonly', (rows) => rows.getAllKeys())
  for (const key of keys) {
    const name = String(key)
    if ((await keptValue(name)) === undefined) await run('kept', 'readwrite', (rows) => rows.delete(name))
  }
}
