import { waveStatusWords } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { Button } from '../../ui/base/button.tsx'
import { Countdown, count, Time } from '../../ui/base/figures.tsx'
import { Dot, type Tone } from '../../ui/base/status.tsx'
import { clock } from '../../ui/base/time.ts'
import { useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import { useNextAct } from './acts.ts'
import { ruleNameOf } from './rule-name.ts'
import type { Wave } from './types.ts'

export const columns = ['open', 'picking', 'picked', 'sorting', 'done'] as const
export const toneOf: Record<Wave['status'], Tone> = {
  open: 'ring',
  picking: 'move',
  picked: 'move',
  sorting: 'move',
  done: 'ok',
  cancelled: 'void',
}

const shownMax = 8

/** The waves in columns by status, each column the most urgent first. `isPart`: there are more of those that run. */
export function Board(props: {
  waves: readonly Wave[]
  isPart: boolean
  chosen: string
  onChoose: (id: string) => void
}) {
  const say = useSay()
  return (
    <div className="wave-board">
      {columns.map((status) => {
        const rows = props.waves.filter((wave) => wave.status === status)
        return (
          <section key={status} aria-label={say(waveStatusWords[status])}>
            <h3>
              <Dot tone={toneOf[status]} />
              {say(waveStatusWords[status])}
              <span className="t3 num">{`${count(rows.length)}${props.isPart && status !== 'done' ? '+' : ''}`}</span>
            </h3>
            {rows.slice(0, shownMax).map((wave) => (
              <Card
                key={wave.id}
                wave={wave}
                isChosen={wave.id === props.chosen}
                onChoose={() => props.onChoose(wave.id)}
              />
            ))}
            {rows.length > shownMax && (
              <p className="t3 small">{say(['还有 {n} 个', '{n} more'], { n: rows.length - shownMax })}</p>
            )}
          </section>
        )
      })}
    </div>
  )
}

function Card({ wave, isChosen, onChoose }: { wave: Wave; isChosen: boolean; onChoose: () => void }) {
  const say = useSay()
  const name = useCourierName()
  const act = useNextAct()(wave)
  const [done, of] = wave.status === 'sorting' ? [wave.sorted, wave.toSort] : [wave.picked, wave.toPick]
  const isMoving = wave.status === 'picking' || wave.status === 'sorting'
  return (
    <div className={isChosen ? 'wave-card on' : 'wave-card'}>
      <button type="button" className="wave-open" aria-pressed={isChosen} onClick={onChoose}>
        <span className="wave-top">
          <b className="num">{wave.no}</b>
          {wave.status === 'done' ? (
            <span className="t2">
              <Time at={wave.doneAt} say={clock} />
            </span>
          ) : (
            <Countdown to={wave.shipBy} />
          )}
        </span>
        <span className="wave-mid">
          <span className="thumb" aria-hidden>
            {wave.pictureUrl !== '' && <img src={wave.pictureUrl} alt="" loading="lazy" />}
          </span>
          <span className="grow">
            <b>
              {say(
                ['{orders} 单 {pieces} 件', '{orders} {orders|parcel|parcels}, {pieces} {pieces|pc|pcs}'],
                {
                  orders: count(wave.orderCount),
                  pieces: count(wave.pieceCount),
                },
              )}
            </b>
            <span className="t2">
              {ruleNameOf(wave, say)}
              {wave.courier !== '' && ` · ${name(wave.courier)}`}
            </span>
          </span>
        </span>
        {isMoving && (
          <span className="wave-bar">
            <progress max={of} value={done} aria-label={say(['进度', 'Progress'])} />
            <span className="num t2">{`${count(done)}/${count(of)}`}</span>
          </span>
        )}
        {wave.stopped > 0 && wave.status !== 'done' && (
          <span className="ink-warn small">
            {say(['拦下 {n} 篮', '{n} {n|basket|baskets} stopped'], { n: wave.stopped })}
          </span>
        )}
      </button>
      <span className="wave-foot">
        <span className="t2">{wave.claimedBy ?? say(['没人领', 'Not claimed'])}</span>
        {act && (
          <Button kind="quiet" size="small" why={act.why} onClick={act.run}>
            {say(act.words)}
          </Button>
        )}
      </span>
    </div>
  )
}
