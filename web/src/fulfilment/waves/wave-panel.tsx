import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  basketCode,
  leftReasonWords,
  waveSortingWords,
  waveStatusWords,
  whyNotWave,
} from '../../../../server/fulfilment/waves/lifecycle.ts'
import { waveVerbs } from '../../../../server/fulfilment/waves/verbs-contract.ts'
import { actorText } from '../../ui/base/actor.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { Countdown, count, Time } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed, useMe } from '../../ui/base/session.ts'
import { Dot, Status } from '../../ui/base/status.tsx'
import { clock, shortTime } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import { Confirm } from '../../ui/overlay/confirm.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import { useNextAct, useWaveVerb } from './acts.ts'
import { type Asked, askOf } from './asks.ts'
import { toneOf } from './board.tsx'
import { useWave } from './query.ts'
import { RouteMap } from './route-map.tsx'
import { ruleNameOf } from './rule-name.ts'
import { basketRanges, isNotNeeded, walked } from './stops.ts'
import type { WaveDetail } from './types.ts'

/** The open wave: its figures, its stopped baskets, its way, and its buttons. */
export function WavePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const say = useSay()
  const found = useWave(id)
  useKeys([{ key: 'Escape', words: shared.close, run: onClose }])
  const data = found.data
  return (
    <aside className="wave-panel" aria-label={say(['波次', 'Wave'])}>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {data && (
        <>
          <header>
            <b className="num">{data.wave.no}</b>
            <Status tone={toneOf[data.wave.status]}>{say(waveStatusWords[data.wave.status])}</Status>
            <span className="t2 cut">{ruleNameOf(data.wave, say)}</span>
            <span className="push">
              <Button kind="quiet" size="small" letter="Esc" onClick={onClose}>
                {say(shared.close)}
              </Button>
            </span>
          </header>
          <div className="scroll">
            <Stops detail={data} />
            <Figures detail={data} />
            <p className="t3 small wave-made">
              {say(['{at} {who}建', 'Made {at} · {who}'], {
                at: shortTime(data.wave.createdAt),
                who: actorText(data.wave.createdBy, say),
              })}
            </p>
            <RouteMap lines={data.lines} />
            <Way detail={data} />
          </div>
          <Foot detail={data} />
        </>
      )}
    </aside>
  )
}

function Stops({ detail: { baskets } }: { detail: WaveDetail }) {
  const say = useSay()
  const shown = baskets.filter(({ stop, left }) => stop !== null || left !== '')
  return shown.map(({ basket, stop, left, keeps, picked, orders }) => (
    <p key={basket} className="wave-stop">
      <Dot tone="warn" />
      <b>{basketCode(basket)}</b>
      <span>
        {/* What stops it says so itself. */}
        {left !== '' && !(left === 'stopped' && stop) && `${say(leftReasonWords[left])}　`}
        {stop && say(stop)}
        {left !== '' &&
          keeps &&
          picked > 0 &&
          say(['（{n} 件留在篮里）', ' ({n} {n|pc stays|pcs stay} in the basket)'], { n: picked })}
      </span>
      <span className="t3 num push">{orders.map(({ orderNo }) => orderNo).join(' ')}</span>
    </p>
  ))
}

function Figures({ detail }: { detail: WaveDetail }) {
  const say = useSay()
  const name = useCourierName()
  const { wave, lines } = detail
  const { stops, done } = walked(lines)
  return (
    <dl className="wave-figures">
      <div>
        <dt>{say(['进度', 'Progress'])}</dt>
        <dd className="num">{`${count(wave.picked)} / ${count(wave.toPick)}`}</dd>
        <dd className="t2">{say(['{n} 站走完 {done} 站', '{done} of {n} stops'], { n: stops, done })}</dd>
      </div>
      <div>
        <dt>{say(['最急', 'Most urgent'])}</dt>
        <dd>
          <Countdown to={wave.shipBy} />
        </dd>
        <dd className="t2">
          {wave.courier === '' ? say(['多家快递', 'Several couriers']) : name(wave.courier)}
        </dd>
      </div>
      <div>
        <dt>{say(['拣货', 'Picker'])}</dt>
        <dd className="cut">{wave.claimedBy ?? say(['没人领', 'Not claimed'])}</dd>
        <dd className="t2">
          <Time at={wave.claimedAt} say={clock} />
        </dd>
      </div>
      <div>
        <dt>{say(['篮', 'Baskets'])}</dt>
        <dd className="num">{count(detail.baskets.length)}</dd>
        <dd className="t2">{say(waveSortingWords[wave.sorting])}</dd>
      </div>
    </dl>
  )
}

const basketsOf = ({ baskets }: WaveDetail['lines'][number]) =>
  basketRanges(baskets.map(({ basket }) => basket)).join(' ')

function Way({ detail: { lines } }: { detail: WaveDetail }) {
  const say = useSay()
  const here = lines.find(({ done }) => !done)
  return (
    <table className="plain-table wave-way">
      <thead>
        <tr>
          <th />
          <th>{say(['库位', 'Bin'])}</th>
          <th>{say(['商品', 'Goods'])}</th>
          <th className="right">{say(['件', 'Pcs'])}</th>
          <th>{say(['放篮', 'Baskets'])}</th>
          <th>{say(['情况', 'State'])}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, at) => (
          <tr key={line.seq} className={line === here ? 'on' : undefined}>
            <td className="t3 num">{at + 1}</td>
            <td className="num medium">{line.bin || say(['无库位', 'No bin'])}</td>
            <td>
              <div className="cut medium">{line.name}</div>
              <div className="cut t2 small">{[line.spec, line.code].filter(Boolean).join(' · ')}</div>
            </td>
            <td className="right num medium">{count(line.wanted + line.picked)}</td>
            <td className="t2 num small">{basketsOf(line)}</td>
            <td>
              <Status
                tone={
                  line.missing > 0
                    ? 'warn'
                    : isNotNeeded(line)
                      ? 'void'
                      : line.done
                        ? 'ok'
                        : line === here
                          ? 'move'
                          : 'ring'
                }
              >
                {line.missing > 0
                  ? say(['少 {n}', '{n} missing'], { n: line.missing })
                  : say(
                      isNotNeeded(line)
                        ? ['不用拣', 'Not needed']
                        : line.done
                          ? ['拣齐', 'Picked']
                          : line === here
                            ? ['这里', 'Here']
                            : ['未到', 'To come'],
                    )}
              </Status>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Foot({ detail: { wave, unsorted } }: { detail: WaveDetail }) {
  const say = useSay()
  const navigate = useNavigate()
  const me = useMe()
  const allowed = useAllowed()('fulfilment.ship')
  const act = useNextAct()(wave, unsorted)
  const { run, isPending } = useWaveVerb()
  const [asked, setAsked] = useState<Asked>()
  const whyNot = (name: Asked) => {
    const refusal = whyNotWave(wave, name === 'pickRest' ? 'pick' : name, me?.id ?? '')
    return allowed ?? (refusal && say(refusal.message))
  }
  const print = () => void navigate({ to: '/pick-list/$waveId', params: { waveId: wave.id } })
  const next = act && {
    key: 'a',
    words: act.words,
    run: () => (act.why === undefined ? act.run() : toast('warn', act.why)),
  }
  useKeys([{ key: 'p', words: printWords, run: print }, ...(next ? [next] : [])])
  return (
    <footer className="row">
      {act && (
        <Button kind="primary" letter="A" action="next" why={act.why} busy={isPending} onClick={act.run}>
          {say(act.words)}
        </Button>
      )}
      <Button letter="P" action="paper" onClick={print}>
        {say(printWords)}
      </Button>
      {wave.status === 'picking' && (
        <Button action="pick-rest" why={whyNot('pickRest')} onClick={() => setAsked('pickRest')}>
          {say(['按单拣齐…', 'Picked by the list…'])}
        </Button>
      )}
      {wave.status === 'picking' && (
        <Button action="cut" why={whyNot('cut')} onClick={() => setAsked('cut')}>
          {say(['拆出缺货单…', 'Cut out missing goods…'])}
        </Button>
      )}
      {wave.status === 'open' && (
        <span className="push">
          <Button
            kind="danger-quiet"
            action="cancel"
            why={whyNot('cancel')}
            onClick={() => setAsked('cancel')}
          >
            {say(['撤销波次…', 'Cancel the wave…'])}
          </Button>
        </span>
      )}
      {asked && (
        <Confirm
          title={say(waveVerbs[asked].words)}
          act={say(asked === 'cut' ? ['拆出', 'Cut out'] : waveVerbs[asked].words)}
          danger={asked === 'cancel'}
          busy={isPending}
          onConfirm={() => {
            setAsked(undefined)
            run({ name: asked, id: wave.id })
          }}
          onClose={() => setAsked(undefined)}
        >
          <p className="t2">{say(askOf(asked, wave.sorting))}</p>
        </Confirm>
      )}
    </footer>
  )
}

const printWords: LocalizedPair = ['打印拣货单', 'Print the pick list']
