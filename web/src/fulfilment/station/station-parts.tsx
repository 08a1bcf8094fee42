import type { ReactNode } from 'react'
import { Button } from '../../ui/base/button.tsx'
import { Countdown, shortNo } from '../../ui/base/figures.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import { canReadScale, type Scale } from './scale.ts'
import { soundSetting } from './sounds.ts'
import { type StationKey, type StationRun, stationKeys } from './station-keys.ts'
import { stationWords as words } from './station-words.ts'
import type { StationParcel, StationUser } from './use-station.ts'

type Line = StationParcel['lines'][number]

export function TopLine(props: { station: string; user: string; scale: Scale; run: StationRun }) {
  const say = useSay()
  const sound = soundSetting.use()
  const { scale } = props
  return (
    <header className="station-top">
      <b>{props.station}</b>
      <span className="grow" />
      {scale.connected ? (
        <span className="dot-ok">{say(words.scale)}</span>
      ) : (
        canReadScale() && (
          <Button size="small" onClick={scale.connect}>
            {say(words.connectScale)}
          </Button>
        )
      )}
      <span>{say(sound === 'off' ? words.soundOff : words.soundOn)}</span>
      <b>{props.user}</b>
      <KeyButton name="user" run={props.run} />
      <KeyButton name="out" run={props.run} />
    </header>
  )
}

function KeyButton({ name, run }: { name: StationKey; run: StationRun }) {
  const say = useSay()
  const found = stationKeys.find((one) => one.name === name)
  return (
    <button type="button" className="station-key" onClick={run[name]}>
      <kbd>{found?.key === 'Escape' ? 'Esc' : found?.key}</kbd> {found && say(found.words)}
    </button>
  )
}

/** The goods of the parcel: the next piece large, all lines, and what the packer must know. */
export function Goods({ parcel, children }: { parcel: StationParcel | null; children: ReactNode }) {
  const say = useSay()
  const next = parcel?.lines.find(({ wanted, counted }) => counted < wanted)
  return (
    <main className="station-main">
      <section className="station-next">
        {next ? (
          <>
            <Picture line={next} large />
            <div className="name">
              <strong>{next.name}</strong>
              <b className="num">× {next.wanted - next.counted}</b>
              <span>{next.spec}</span>
              {next.barcodeTail !== '' && (
                <span>
                  {say(words.tail)} <b className="num">{next.barcodeTail}</b>
                </span>
              )}
            </div>
          </>
        ) : (
          <p className="t3">
            {say(
              !parcel
                ? words.idle
                : parcel.labelNow
                  ? words.labelWaits
                  : parcel.workState === 'weigh'
                    ? words.toWeigh
                    : words.scanWaybill,
            )}
          </p>
        )}
      </section>
      <section className="station-lines">
        {parcel && (
          <h2>
            {say(words.lines, {
              kinds: parcel.lines.length,
              n: parcel.lines.reduce((sum, { wanted }) => sum + wanted, 0),
            })}
          </h2>
        )}
        <ul>
          {parcel?.lines.map((line) => (
            <LineRow
              key={`${line.deliveryId} ${line.lineNo} ${line.skuId}`}
              line={line}
              next={line === next}
            />
          ))}
        </ul>
        {children}
      </section>
      <aside className="station-side">{parcel && <Facts parcel={parcel} />}</aside>
    </main>
  )
}

function LineRow({ line, next }: { line: Line; next: boolean }) {
  const say = useSay()
  const done = line.counted >= line.wanted
  return (
    <li className={next ? 'next' : done ? 'done' : ''}>
      <Picture line={line} />
      <div>
        <strong>{line.name}</strong>
        {line.gift && <em>{say(words.gift)}</em>}
        {line.scanOnce && line.wanted > 1 && <em>{say(words.once)}</em>}
        {line.needsSerial && <em>{say(words.serial)}</em>}
        <span>{line.spec}</span>
      </div>
      <b className="num">
        {done && <i aria-hidden>✓ </i>}
        {line.counted}
      </b>
      <span className="num"> / {line.wanted}</span>
    </li>
  )
}

function Picture({ line, large = false }: { line: Line; large?: boolean }) {
  const say = useSay()
  const size = large ? 'station-picture large' : 'station-picture'
  return (
    <div className={size}>
      {large && <mark>{say(words.scanNow)}</mark>}
      {line.pictureUrl === '' ? (
        <span aria-hidden>{line.name.slice(0, 1)}</span>
      ) : (
        <img src={line.pictureUrl} alt="" referrerPolicy="no-referrer" />
      )}
    </div>
  )
}

function Facts({ parcel }: { parcel: StationParcel }) {
  const say = useSay()
  const notes = [
    parcel.buyerMessage && say(words.buyer, { text: parcel.buyerMessage }),
    parcel.sellerMemo && say(words.seller, { text: parcel.sellerMemo }),
    parcel.ownNote,
  ].filter((note) => note !== '')
  return (
    <>
      <OrderFacts parcel={parcel} />
      {notes.length > 0 && (
        <div className="station-notes">
          <h3>{say(words.notes)}</h3>
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </div>
      )}
    </>
  )
}

function OrderFacts({ parcel }: { parcel: StationParcel }) {
  const say = useSay()
  const courier = useCourierName()
  const rows: [LocalizedPair, ReactNode][] = [
    [words.order, parcel.orderNos.map((no) => shortNo(no)).join(' ')],
    [words.receiver, parcel.receiverMasked],
    [words.region, parcel.region],
    [words.courier, courier(parcel.courier)],
    [words.waybill, shortNo(parcel.waybillNo, 10)],
    ...(parcel.packages.length === 0
      ? []
      : [
          [
            words.packages,
            parcel.packages.map(({ n, isScanned }) => `${isScanned ? '✓' : ''}${n}`).join(' '),
          ] satisfies [LocalizedPair, ReactNode],
        ]),
    [words.shipBy, <Countdown key="ship" to={parcel.shipBy} />],
  ]
  return (
    <dl className="station-facts">
      {rows.map(([label, value]) => (
        <div key={label[0]}>
          <dt>{say(label)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A stopped parcel: the three steps, and only its label or a basket is taken. */
export function StopSteps({ parcel, children }: { parcel: StationParcel; children: ReactNode }) {
  const say = useSay()
  const steps = [
    [words.stop1, words.stop1Hint],
    [words.stop2, words.stop2Hint],
    [words.stop3, words.stop3Hint],
  ] as const
  return (
    <main className="station-main stopped">
      <section className="station-lines">
        <ol className="station-steps">
          {steps.map(([title, hint], at) => (
            <li key={title[0]} className={at === 1 ? 'next' : ''}>
              <b>{at + 1}</b>
              <div>
                <strong>{say(title)}</strong>
                <span>{say(hint)}</span>
              </div>
            </li>
          ))}
        </ol>
        {children}
      </section>
      <aside className="station-side">
        <div className="station-notes bad">
          <h3>{say(words.why)}</h3>
          <p>{parcel.stop && say(parcel.stop.message)}</p>
        </div>
        <OrderFacts parcel={parcel} />
      </aside>
    </main>
  )
}

const kg = (grams: number) => (grams / 1000).toFixed(2)

export function Foot(props: {
  parcel: StationParcel | null
  grams: number | undefined
  users: readonly StationUser[]
  stopped: number
  userId: string
  run: StationRun
}) {
  const say = useSay()
  const { parcel, grams, users, run } = props
  return (
    <footer className="station-foot">
      <section className={parcel?.stop ? 'weight off' : 'weight'}>
        <div>
          <span>{say(words.onScale)}</span>
          <p>
            <b className="num">{grams === undefined ? '–' : kg(grams)}</b> kg
          </p>
        </div>
        <div>
          {parcel?.stop ? (
            <b className="ink-bad">{say(words.notWeighed)}</b>
          ) : parcel?.expectedGrams ? (
            <span>
              {say(words.expected, { kg: kg(parcel.expectedGrams), off: kg(parcel.toleranceGrams ?? 0) })}
            </span>
          ) : (
            parcel && <span>{say(words.noExpected)}</span>
          )}
          <span>{say(words.stoppedToday, { n: props.stopped })}</span>
        </div>
      </section>
      <Today users={users} userId={props.userId} />
      <section className="keys">
        <KeyButton name="print" run={run} />
        <KeyButton name="short" run={run} />
        <KeyButton name="aside" run={run} />
        <KeyButton name="mute" run={run} />
        <KeyButton name="again" run={run} />
        <KeyButton name="help" run={run} />
      </section>
    </footer>
  )
}

/** The four users with the most parcels of today; one's own row is bold and always there. */
function Today({ users, userId }: { users: readonly StationUser[]; userId: string }) {
  const say = useSay()
  const most = Math.max(1, ...users.map(({ parcels }) => parcels))
  const own = users.find((one) => one.userId === userId)
  const first = users.slice(0, 4)
  const shown = own && !first.includes(own) ? [...first.slice(0, 3), own] : first
  return (
    <section className="today">
      <table>
        <thead>
          <tr>
            <th colSpan={2}>
              {say(words.today, { n: users.reduce((sum, { parcels }) => sum + parcels, 0) })}
            </th>
            <th>{say(words.parcels)}</th>
            <th>{say(words.perHour)}</th>
            <th>{say(words.wrong)}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.userId} className={one.userId === userId ? 'own' : ''}>
              <td>{one.name}</td>
              <td className="bar">
                <i style={{ width: `${(one.parcels / most) * 100}%` }} />
              </td>
              <td className="num">{one.parcels}</td>
              <td className="num">{one.perHour}</td>
              <td className="num">{one.wrong}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
