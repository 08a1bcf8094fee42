import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { basketCode } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { errorText, get, post } from '../../api.ts'
import { inTime, isAway } from '../../phone/away.ts'
import { keptQuery } from '../../phone/kept-query.ts'
import { lackingBaskets, withPicks } from '../../phone/pick-state.ts'
import { submit, usePhoneUser, useQueue, waitingScans } from '../../phone/queue.ts'
import { Phone } from '../../phone/shell.tsx'
import { Stepper, typedCount } from '../../phone/stepper.tsx'
import { keep } from '../../phone/store.ts'
import { usePresses } from '../../phone/use-in-turn.ts'
import { type Teller, useNews } from '../../phone/use-news.ts'
import { keptKey } from '../../ui/base/act-key.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { every } from '../../ui/base/every.ts'
import { count } from '../../ui/base/figures.tsx'
import { useSay } from '../../words.ts'
import { Ended, OthersWave } from './pick-states.tsx'
import { ruleNameOf } from './rule-name.ts'
import { walked } from './stops.ts'
import type { WaveDetail } from './types.ts'

type Line = WaveDetail['lines'][number]

/** 拣货 on a phone: one stop at a time, the scanner in the hand. Picks are kept on the phone while it is offline. */
export default function PickPage() {
  const { waveId: id = '' } = useParams({ strict: false })
  const say = useSay()
  const teller = useNews()
  useQueue()
  const found = useQuery({
    ...keptQuery(waveKey(id), () => get('/waves/:id', { id })),
    refetchInterval: every(15_000),
  })
  const { now, scan, all, isBusy, short, wrong } = usePicking(id, teller)
  const user = usePhoneUser()
  // Read here, because the page is drawn again only for what it reads of the query.
  const detail = found.data && now()
  const isPicking = detail?.wave.status === 'picking'
  const isOthers = isPicking && user.id !== '' && detail.wave.claimedById !== user.id
  const line = isPicking && !isOthers ? openLine(detail) : undefined
  const missing = useMissing(line, short, wrong)
  return (
    <Phone
      title={detail?.wave.no ?? say(['拣货', 'Pick'])}
      sub={
        detail &&
        `${ruleNameOf(detail.wave, say)} · ${say(['{n} 篮', '{n} baskets'], { n: detail.baskets.length })}`
      }
      back="/phone/pick"
      aside={detail && <Where detail={detail} />}
      progress={detail && { done: detail.wave.picked, of: detail.wave.toPick }}
      teller={teller}
      scanning={
        line &&
        (missing.scanning ?? {
          hint: say(['扫 {code} 或库位', 'Scan {code} or the bin'], { code: line.name || line.code }),
          onScan: scan,
        })
      }
      acts={
        line &&
        (missing.acts ?? (
          <>
            <Button size="large" action="short" onClick={missing.ask}>
              {say(['少货', 'Missing'])}
            </Button>
            <Button size="large" action="all" busy={isBusy} onClick={() => all(line)}>
              {say(['整站拿齐', 'All taken here'])}
            </Button>
          </>
        ))
      }
    >
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {missing.panel}
      {detail && line && <Stop line={line} sorting={detail.wave.sorting} />}
      {detail && isOthers && <OthersWave wave={detail.wave} wrong={wrong} />}
      {detail && !isOthers && !line && <Ended detail={detail} wrong={wrong} />}
    </Phone>
  )
}

const waveKey = (id: string) => ['/waves', id]
const openLine = (detail: WaveDetail | undefined) => detail?.lines.find(({ done }) => !done)

/** Handles scans and buttons one after the other, each with the wave as the last one left it. */
function usePicking(id: string, teller: Teller) {
  const say = useSay()
  const queries = useQueryClient()
  const [keys] = useState(keptKey)
  const wrong = (text: string) => teller.tell({ tone: 'wrong', text })
  const now = () => {
    const detail = queries.getQueryData<WaveDetail>(waveKey(id))
    const kept = waitingScans('pick').filter(({ waveId }) => waveId === id)
    return detail && withPicks(detail, kept)
  }
  const { inTurn, press, isBusy } = usePresses()
  const take = async (line: Line, pieces: number) => {
    const { seq, code, bin } = line
    const no = now()?.wave.no ?? ''
    const label = [`拣货 ${no} ${bin} ${code} × ${pieces}`, `Pick ${no} ${bin} ${code} × ${pieces}`] as const
    const result = await submit({ kind: 'pick', label, waveId: id, seq, pieces })
    if (result.state === 'refused') wrong(errorText(result.error))
    else {
      const text = say(['拿了 {n} 件 {code}', '{n} × {code} taken'], { n: pieces, code })
      if (result.state === 'kept')
        return teller.tell({ tone: 'kept', text, hint: say(['存在手机里', 'Kept on the phone']) })
      const before = queries.getQueryData<WaveDetail>(waveKey(id))
      const after = before && withPicks(before, [{ seq, pieces }])
      queries.setQueryData(waveKey(id), after)
      await keep(waveKey(id).join(' '), after)
      teller.tell({ tone: result.answer.left === 0 ? 'done' : 'ok', text })
    }
    await queries.invalidateQueries({ queryKey: ['/waves'] })
  }
  const scanned = async (code: string) => {
    const line = openLine(now())
    if (!line) return
    if (code === line.code || line.barcodes.includes(code)) return take(line, 1)
    if (code.toUpperCase() === line.bin)
      return teller.tell({ tone: 'ok', text: say(['库位对', 'The right bin']) })
    return wrong(
      say(['不对，这是 {is}，要 {wanted}', 'Wrong: this is {is}, {wanted} is needed'], {
        is: code,
        wanted: line.code,
      }),
    )
  }
  const missing = async (line: Line, found: number) => {
    const unsent = waitingScans('pick').filter(({ waveId }) => waveId === id).length
    // They would come behind the report, when their baskets have lost their goods already.
    if (unsent > 0)
      return wrong(
        say(['还有 {n} 条没上传，上传完再报少货', '{n} {n|scan is|scans are} not sent yet; report then'], {
          n: unsent,
        }),
      )
    try {
      // Nothing is kept on the phone, so a slow answer is waited for: a report that arrived must not look like one that did not.
      const report = { seq: line.seq, found }
      const key = keys.of({ id, ...report })
      const answer = await inTime(post('/waves/:id/short', { key, ...report }, { id }), 20_000)
      keys.answered()
      teller.tell({ tone: 'warn', text: shortText(answer, say) })
    } catch (error) {
      const offline = say([
        '离线不能报少货：它会改库存，让订单等货',
        'Missing goods are reported online only: this changes stock and orders',
      ])
      wrong(isAway(error) ? offline : errorText(error))
    }
    await queries.invalidateQueries({ queryKey: ['/waves'] })
  }
  return {
    now,
    wrong,
    scan: (code: string) => inTurn(() => scanned(code)),
    isBusy,
    all: ({ seq }: Line) =>
      press(async () => {
        // Scans of the same stop may have come before this turn.
        const line = now()?.lines.find((each) => each.seq === seq && !each.done)
        if (line) await take(line, line.wanted)
      }),
    short: (line: Line, found: number) => inTurn(() => missing(line, found)),
  }
}

/**
 * 少货: the picker says how many pieces were there, 0 at first, and sees which baskets lose their goods by that before it is reported.
 * Undefined parts: nothing is being reported.
 */
function useMissing(
  line: Line | undefined,
  report: (line: Line, found: number) => void,
  wrong: (text: string) => void,
) {
  const say = useSay()
  const [asked, setAsked] = useState<{ seq: number; found: number }>()
  const ask = () => line && setAsked({ seq: line.seq, found: 0 })
  if (!line || asked?.seq !== line.seq) return { ask }
  const { seq, wanted } = line
  const found = Math.min(asked.found, wanted - 1)
  const onScan = (text: string) => {
    const typed = typedCount(text)
    if (typed !== undefined && typed < wanted) return setAsked({ seq, found: typed })
    return wrong(
      say(['输 0 到 {n}：都在就按「整站拿齐」', 'Type 0 to {n}; if all are there, press “All taken here”'], {
        n: wanted - 1,
      }),
    )
  }
  const send = () => {
    report(line, found)
    setAsked(undefined)
  }
  return {
    ask,
    scanning: { hint: say(['找到几件', 'How many were found']), onScan },
    panel: (
      <section className="phone-choice">
        <Stepper
          words={say(['找到几件', 'Found'])}
          value={found}
          least={0}
          most={wanted - 1}
          onChange={(value) => setAsked({ seq, found: value })}
        />
        <p className="ink-warn">
          {say(
            [
              '少 {n} 件：先去备库位找；没有备库位，{baskets} 离开波次等货',
              '{n} missing: they are looked for in the spare bin; without one {baskets} leave the wave and wait',
            ],
            { n: wanted - found, baskets: namesOf(lackingBaskets(line, found), say) },
          )}
        </p>
      </section>
    ),
    acts: (
      <>
        <Button size="large" action="back" onClick={() => setAsked(undefined)}>
          {say(['不报', 'Back'])}
        </Button>
        <Button size="large" action="report-short" onClick={send}>
          {say(['报少 {n} 件', 'Report {n} missing'], { n: wanted - found })}
        </Button>
      </>
    ),
  }
}

const namesOf = (baskets: readonly number[], say: ReturnType<typeof useSay>) =>
  baskets.map(basketCode).join(say(['、', ', ']))

type Short = { missing: number; bin: string; baskets: readonly number[] }

function shortText({ missing, bin, baskets }: Short, say: ReturnType<typeof useSay>): string {
  if (bin !== '')
    return say(['还差 {n} 件，去备库位 {bin}', '{n} more at the spare bin {bin}'], { n: missing, bin })
  return say(['少 {n} 件，{baskets} 离开波次等货', '{n} missing: {baskets} leave the wave and wait'], {
    n: missing,
    baskets: namesOf(baskets, say),
  })
}

function Where({ detail: { wave, lines } }: { detail: WaveDetail }) {
  const say = useSay()
  const { stops, done } = walked(lines)
  return (
    <>
      <div className="t2">
        {say(['第 {at} / {n} 站', 'Stop {at} / {n}'], { at: Math.min(done + 1, stops), n: stops })}
      </div>
      <b>
        {say(['{done} / {n} 件', '{done} of {n} {n|piece|pieces}'], {
          done: count(wave.picked),
          n: count(wave.toPick),
        })}
      </b>
    </>
  )
}

function Stop({ line, sorting }: { line: Line; sorting: WaveDetail['wave']['sorting'] }) {
  const say = useSay()
  return (
    <section className="phone-stop">
      <div className="t2">{say(['去库位', 'Go to bin'])}</div>
      <div className="phone-bin num">{line.bin || say(['无库位', 'No bin'])}</div>
      <div className="phone-goods">
        {line.pictureUrl !== '' && <img src={line.pictureUrl} alt="" />}
        <div className="grow">
          <b className="phone-name">{line.name}</b>
          <div className="t2">{[line.spec, line.code].filter(Boolean).join(' · ')}</div>
        </div>
        <div className="phone-count">
          <span className="t2">{say(['拿', 'Take'])}</span>
          <b className="num">{count(line.wanted)}</b>
          <span>{say(['件', '{n|piece|pieces}'], { n: line.wanted })}</span>
        </div>
      </div>
      {sorting === 'picking' && (
        <div className="phone-baskets">
          {line.baskets.map(({ basket, pieces, picked, stopped }) => (
            <span key={basket} className={stopped ? 'stopped' : picked >= pieces ? 'full' : undefined}>
              <b className="num">{String(basket).padStart(2, '0')}</b>
              <small>
                {stopped
                  ? say(['不放', 'none'])
                  : picked >= pieces
                    ? say(['已放', 'full'])
                    : `× ${pieces - picked}`}
              </small>
            </span>
          ))}
        </div>
      )}
    </section>
  )
}
