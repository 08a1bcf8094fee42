import { useEffect, useSyncExternalStore } from 'react'
import { ApiError } from '../api.ts'
import { queries } from '../queries.ts'
import { actKey } from '../ui/base/act-key.ts'
import { useMe } from '../ui/base/session.ts'
import { browserSetting, listenersOf } from '../ui/base/store.ts'
import type { LocalizedPair } from '../words.ts'
import { inTime, isAway } from './away.ts'
import { type AnswerOf, type Scan, type ScanKind, type ScanOf, sendScan } from './scans.ts'
import { addScan, allScans, removeScan, replaceScan } from './store.ts'

// Every scan is written to the phone before it is sent, and deleted when the server has answered. So nothing is lost when the network, the
// page or the battery ends, and the key of the scan makes the server do it once.

/** `refused`: the server's answer to a scan for which the page no longer waited. It stays until a person has read it. */
export type KeptScan = {
  id: number
  key: string
  userId: string
  userName: string
  takenAt: number
  scan: Scan
  refused?: LocalizedPair
}

export type Result<Answer> =
  | { state: 'sent'; answer: Answer }
  | { state: 'refused'; error: ApiError }
  /** The server cannot be reached, or broke: the phone keeps the scan. */
  | { state: 'kept' }

type State = { scans: readonly KeptScan[]; isAway: boolean }

const listeners = listenersOf()
let state: State = { scans: [], isAway: !navigator.onLine }
const change = (next: Partial<State>) => {
  state = { ...state, ...next }
  listeners.tell()
}

/** Id and name of the person who used this phone last, which are known also while the server cannot be asked. */
const userSetting = browserSetting('phone.user', '')

const waiters = new Map<number, (result: Result<AnswerOf<ScanKind>>) => void>()
const again = { wanted: false, running: false }
let timer: ReturnType<typeof setTimeout> | undefined
const retryMs = 5_000
/** After this many answers "something broke" (500) a scan is refused, so that the scans behind it are sent. */
const brokenMax = 3
const broken = new Map<number, number>()

/** Keeps a scan and sends it, after those that were kept before. Answers `kept` if the server cannot be reached. */
export async function submit<Kind extends ScanKind>(scan: ScanOf<Kind>): Promise<Result<AnswerOf<Kind>>>
export async function submit(scan: Scan): Promise<Result<AnswerOf<ScanKind>>> {
  const [userId = '', userName = ''] = userSetting.read().split('\n')
  const taken = { key: actKey(), userId, userName, takenAt: Date.now(), scan }
  const id = await addScan(taken).catch(() => undefined)
  if (id === undefined) return sendUnkept({ ...taken, id: 0 })
  change({ scans: [...state.scans, { ...taken, id }] })
  const result = new Promise<Result<AnswerOf<ScanKind>>>((settle) => waiters.set(id, settle))
  if (state.isAway) settle(id, { state: 'kept' })
  void flush()
  return result
}

/** Sends a scan that the browser cannot keep, such as in a private window. While the server cannot be reached, the scan is refused. */
async function sendUnkept(one: KeptScan): Promise<Result<AnswerOf<ScanKind>>> {
  const result = await sendOne(one)
  if (result.state !== 'kept') return result
  const words = {
    message: '连不上服务器，这个浏览器又存不下：没有记下，再扫一次',
    messageEn: 'The server cannot be reached, and this browser keeps nothing: scan it again later',
  }
  return { state: 'refused', error: new ApiError(0, { code: 'unreachable', requestId: '', ...words }) }
}

function settle(id: number, result: Result<AnswerOf<ScanKind>>): boolean {
  const waiter = waiters.get(id)
  waiters.delete(id)
  waiter?.(result)
  return waiter !== undefined
}

/** Sends the kept scans in their order. Where the browser has locks, only one tab of the phone sends at a time. */
export async function flush(): Promise<void> {
  again.wanted = true
  if (again.running) return
  again.running = true
  try {
    while (again.wanted) {
      again.wanted = false
      // Browsers have locks only over https, where a page can also be opened offline.
      if ('locks' in navigator) await navigator.locks.request('sanyi.scans', sendAll)
      else await sendAll()
    }
  } finally {
    again.running = false
  }
}

async function sendAll(): Promise<void> {
  change({ scans: await allScans<KeptScan>() })
  const [userId] = userSetting.read().split('\n')
  let late = 0
  for (const one of state.scans) {
    if (one.refused || one.userId !== userId) continue
    const result = await sendOne(one)
    change({ isAway: result.state === 'kept' })
    if (result.state === 'kept') {
      for (const id of [...waiters.keys()]) settle(id, result)
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), retryMs)
      return
    }
    await forget(one, result)
    if (!settle(one.id, result)) late += 1
  }
  if (late > 0) void queries.invalidateQueries()
}

/** A refusal that a person still waits for is shown at once; any other stays on the phone until it is read. */
async function forget(one: KeptScan, result: Result<unknown>): Promise<void> {
  if (result.state === 'refused' && !waiters.has(one.id)) {
    const refused = { ...one, refused: [result.error.zh, result.error.en] as const }
    await replaceScan(refused)
    change({ scans: state.scans.map((each) => (each.id === one.id ? refused : each)) })
    return
  }
  await removeScan(one.id)
  change({ scans: state.scans.filter(({ id }) => id !== one.id) })
}

async function sendOne({ id, key, takenAt, scan }: KeptScan): Promise<Result<AnswerOf<ScanKind>>> {
  try {
    const ageMs = Math.max(0, Date.now() - takenAt)
    return { state: 'sent', answer: await inTime(sendScan(scan, key, ageMs)) }
  } catch (error) {
    if (isAway(error) || !(error instanceof ApiError)) return { state: 'kept' }
    const times = (broken.get(id) ?? 0) + 1
    broken.set(id, times)
    return error.status >= 500 && times < brokenMax ? { state: 'kept' } : { state: 'refused', error }
  }
}

/** Removes a refused scan that a person has read. */
export async function dismiss(id: number): Promise<void> {
  await removeScan(id)
  change({ scans: state.scans.filter((each) => each.id !== id) })
}

/** The person whose scans this phone takes, also while the server cannot be asked who is signed in. */
export function usePhoneUser(): { id: string; name: string } {
  const me = useMe()
  const [id = '', name = ''] = userSetting.use().split('\n')
  return me ?? { id, name }
}

export const useQueue = (): State => useSyncExternalStore(listeners.subscribe, () => state)

/** Returns the scans of this kind that wait to be sent. A component also calls `useQueue`, so that it is drawn again. */
export function waitingScans<Kind extends ScanKind>(kind: Kind): ScanOf<Kind>[]
export function waitingScans(kind: ScanKind): Scan[] {
  return state.scans.filter(({ refused, scan }) => !refused && scan.kind === kind).map(({ scan }) => scan)
}

/** Sends what is kept when the page opens, when the network is back, and when the phone is looked at again. */
export function useSending(): void {
  const me = useMe()
  useEffect(() => {
    if (me) userSetting.set(`${me.id}\n${me.name}`)
    const send = () => void flush()
    const online = () => {
      change({ isAway: false })
      void queries.invalidateQueries()
      send()
    }
    const offline = () => change({ isAway: true })
    send()
    addEventListener('online', online)
    addEventListener('offline', offline)
    document.addEventListener('visibilitychange', send)
    return () => {
      removeEventListener('online', online)
      removeEventListener('offline', offline)
      document.removeEventListener('visibilitychange', send)
    }
  }, [me])
}
