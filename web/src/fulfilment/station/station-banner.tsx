import { useState } from 'react'
import type { ReplyKind, ScanReply } from '../../../../server/fulfilment/stations/contract.ts'
import { Button } from '../../ui/base/button.tsx'
import { useSay } from '../../words.ts'
import { stationWords as words } from './station-words.ts'
import type { StationParcel } from './use-station.ts'

type Tone = 'idle' | 'ok' | 'warn' | 'stop'
const tones: Record<ReplyKind, Tone> = {
  ...{ idle: 'warn', opened: 'idle', serial: 'idle', right: 'ok', done: 'ok', shipped: 'ok', aside: 'ok' },
  ...{
    wrong: 'warn',
    extra: 'warn',
    unknown: 'warn',
    busy: 'warn',
    stuck: 'warn',
    off: 'warn',
    stop: 'stop',
  },
}
const signs: Record<Tone, string> = { idle: '▤', ok: '✓', warn: '!', stop: '−' }

export const countsOf = (parcel: StationParcel) => ({
  wanted: parcel.lines.reduce((sum, line) => sum + line.wanted, 0),
  counted: parcel.lines.reduce((sum, line) => sum + Math.min(line.counted, line.wanted), 0),
})

/** What the last scan means, readable across a room: a sign, a word and a colour. */
export function Banner(props: {
  parcel: StationParcel | null
  reply: ScanReply | undefined
  failed: boolean
  onLetOff: () => void
}) {
  const say = useSay()
  const { parcel, reply } = props
  const { tone, title, hint } = useShown(props)
  const counts = parcel && !parcel.stop ? countsOf(parcel) : undefined
  const sign = reply?.kind === 'wrong' || reply?.kind === 'extra' ? '✕' : signs[tone]
  return (
    <section className={`station-banner ${tone}`} aria-live="assertive">
      <span className={tone === 'stop' ? 'sign octagon' : 'sign'} aria-hidden>
        {sign}
      </span>
      <div className="said">
        <strong>{title}</strong>
        <span>{hint}</span>
      </div>
      {tone === 'stop' && (
        <div className="loud">
          <b>{say(words.loud)}</b>
          <span>{say(words.loudHint)}</span>
        </div>
      )}
      {reply?.kind === 'off' && (
        <Button letter="F7" onClick={props.onLetOff}>
          {say(words.letOff)}
        </Button>
      )}
      {counts && (
        <div className="counts">
          <span>
            <b className="num">{counts.counted}</b>
            <i>
              {' '}
              / {counts.wanted} {say(words.pieces)}
            </i>
          </span>
          {counts.wanted <= 40 && (
            <span className="pieces-bar" aria-hidden>
              {Array.from({ length: counts.wanted }, (_, at) => (
                <i key={String(at)} className={at < counts.counted ? 'on' : ''} />
              ))}
            </span>
          )}
        </div>
      )}
    </section>
  )
}

/** The text of the last scan; without one, the next step of the parcel that is on the station. */
function useShown({
  parcel,
  reply,
  failed,
}: {
  parcel: StationParcel | null
  reply: ScanReply | undefined
  failed: boolean
}) {
  const say = useSay()
  const shown = (tone: Tone, title: string, hint = '') => ({ tone, title, hint })
  if (failed) return shown('warn', say(words.offline))
  if (reply?.unchecked) return shown('warn', say(words.unchecked), say(words.uncheckedHint))
  if (parcel?.stop && reply?.kind !== 'stop')
    return shown('stop', say(words.stopped), say(parcel.stop.message))
  if (reply) return shown(tones[reply.kind], say(reply.message), say(reply.hint))
  if (!parcel) return shown('idle', say(words.idle), say(words.idleHint))
  const { wanted, counted } = countsOf(parcel)
  if (parcel.asksSerial) return shown('idle', say(words.scanSerial))
  if (counted < wanted) return shown('idle', say(words.goOn, { n: wanted - counted }))
  if (parcel.labelNow) return shown('idle', say(words.labelWaits))
  return shown('idle', say(parcel.workState === 'weigh' ? words.toWeigh : words.scanWaybill))
}

/** The box that always has the focus. A scanner types the code and Enter. */
export function ScanBox(props: {
  box: React.RefObject<HTMLInputElement | null>
  parcel: StationParcel | null
  onEnter: (code: string) => void
}) {
  const say = useSay()
  const [text, setText] = useState('')
  const { parcel } = props
  const isStopped = parcel?.stop !== undefined && parcel?.stop !== null
  const hint = isStopped
    ? words.onlyBasket
    : !parcel
      ? words.scanWaybill
      : parcel.workState === 'weigh'
        ? words.typeGrams
        : parcel.labelNow
          ? words.labelWaits
          : parcel.asksSerial
            ? words.scanSerial
            : words.scanGoods
  return (
    <form
      className={isStopped ? 'station-scan stopped' : 'station-scan'}
      onSubmit={(event) => {
        event.preventDefault()
        const code = text.trim()
        setText('')
        if (code !== '') props.onEnter(code)
      }}
    >
      <input
        ref={props.box}
        value={text}
        aria-label={say(words.station)}
        placeholder={say(hint)}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        onChange={(event) => setText(event.target.value)}
      />
      <p>{say(isStopped ? words.onlyHint : words.auto)}</p>
    </form>
  )
}
