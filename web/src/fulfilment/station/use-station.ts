import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { ReplyKind, ScanReply } from '../../../../server/fulfilment/stations/contract.ts'
import { ApiError, errorText, get, post } from '../../api.ts'
import type { Answer } from '../../api-routes.ts'
import { keptKey } from '../../ui/base/act-key.ts'
import { every } from '../../ui/base/every.ts'
import type { LocalizedPair } from '../../words.ts'
import { play, type Sound } from './sounds.ts'
import { stationWords as words } from './station-words.ts'

export type StationParcel = NonNullable<Answer<'POST', '/stations/scan'>['parcel']>
export type StationUser = Answer<'GET', '/stations/now'>['users'][number]
type Answered = Answer<'POST', '/stations/scan'>
type Send = (at: { station: string; key: string }) => Promise<Answered>

const soundOf: Partial<Record<ReplyKind, Sound>> = {
  opened: 'right',
  right: 'right',
  serial: 'right',
  aside: 'right',
  done: 'done',
  shipped: 'done',
  stop: 'stop',
}

/** Milliseconds for which "shipped" stays before the station asks for the next label. */
const shownMs = 1_200
/** A stop that came from outside a scan is seen within this time. */
const refreshMs = 20_000

/**
 * The state of a station. Scans are sent one after the other, each with a key of its own. After a failure of the network the key is sent
 * again, also if the user scans the same code once more: the server counts it once.
 */
export function useStation(station: string) {
  const queries = useQueryClient()
  const [parcel, setParcel] = useState<StationParcel | null>(null)
  const [reply, setReply] = useState<ScanReply>()
  const [failed, setFailed] = useState(false)
  const line = useRef(Promise.resolve())
  const [keys] = useState(keptKey)
  const open = useRef(0)
  // Grows with each scan that is sent and each that is answered.
  const turn = useRef(0)
  const now = useQuery({
    queryKey: ['/stations/now', station],
    queryFn: async () => {
      const asked = turn.current
      return { ...(await get('/stations/now', { station })), asked }
    },
    enabled: station !== '',
    refetchInterval: every(refreshMs),
    staleTime: 0,
  })
  useEffect(() => {
    // A question from before the answer of a scan may not know of that scan.
    if (!now.data || open.current > 0 || now.data.asked !== turn.current) return
    setParcel((before) => {
      const next = now.data.parcel
      if (next?.stop && !before?.stop) play('stop')
      return next
    })
  }, [now.data])
  useEffect(() => {
    if (reply?.kind !== 'shipped' && reply?.kind !== 'aside') return undefined
    const timer = setTimeout(() => setReply(undefined), reply.unchecked ? 3 * shownMs : shownMs)
    return () => clearTimeout(timer)
  }, [reply])
  const send = (what: object, work: Send) => {
    open.current += 1
    turn.current += 1
    line.current = line.current
      .then(() => {
        const at = { station, key: keys.of({ station, ...what }) }
        return withRetries(() => work(at), setFailed)
      })
      .then((answer) => {
        turn.current += 1
        keys.answered()
        setParcel(answer.parcel)
        setReply(answer.verdict)
        play(answer.verdict.unchecked ? 'wrong' : (soundOf[answer.verdict.kind] ?? 'wrong'))
        if (answer.parcel === null) void queries.invalidateQueries({ queryKey: ['/stations/now', station] })
      })
      .catch((error: unknown) => {
        turn.current += 1
        const text = errorText(error)
        setReply({
          kind: 'stuck',
          message: { zh: text, en: text },
          hint: { zh: '', en: '' },
          unchecked: false,
        })
        play('wrong')
      })
      .finally(() => {
        open.current -= 1
      })
  }
  return {
    ...{ parcel, reply, failed, users: now.data?.users ?? [], stopped: now.data?.stopped ?? 0 },
    scan: (code: string) => send({ code }, (at) => post('/stations/scan', { ...at, code })),
    weigh: (grams: number, reason?: string) => {
      const weight = { grams, ...(reason ? { reason } : {}) }
      send(weight, (at) => post('/stations/weigh', { ...at, ...weight }))
    },
    aside: (short: boolean) => send({ short }, (at) => post('/stations/aside', { ...at, short })),
    /** The label of the parcel did not come out by itself. */
    showUnprinted(why: string) {
      setReply({ kind: 'stuck', ...unprinted(why), unchecked: false })
      play('wrong')
    },
    recount: () => send({ recount: true }, (at) => post('/stations/recount', at)),
  }
}

const both = ([zh, en]: LocalizedPair) => ({ zh, en })

function unprinted(why: string) {
  const [zh, en] = words.mendPrint
  const hint = { zh: zh.replace('{why}', why), en: en.replace('{why}', why) }
  return { message: both(words.notPrinted), hint }
}

const tries = 4

/** Sends again after a failure of the network or the server. A request that is refused is not sent again. */
async function withRetries(
  work: () => Promise<Answered>,
  onFailed: (failed: boolean) => void,
): Promise<Answered> {
  for (let done = 1; ; done += 1) {
    try {
      const answer = await work()
      onFailed(false)
      return answer
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500
      onFailed(!isRefused && done < tries)
      if (isRefused || done === tries) throw error
      await new Promise((settle) => setTimeout(settle, 500 * done))
    }
  }
}
