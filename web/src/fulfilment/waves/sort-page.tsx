import { useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { basketCode } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { errorText, post } from '../../api.ts'
import { isAway } from '../../phone/away.ts'
import { ScanBox } from '../../phone/scan-box.tsx'
import { useInTurn } from '../../phone/use-in-turn.ts'
import { keptKey } from '../../ui/base/act-key.ts'
import { LoadError } from '../../ui/base/empty.tsx'
import { count } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { type Say, useSay } from '../../words.ts'
import { useWave } from './query.ts'
import { ruleNameOf } from './rule-name.ts'
import './waves.css'

type Shown = { tone: 'ok' | 'stop' | 'wrong' | 'idle'; big: string; text: string }
type Answer = { verdict: 'basket' | 'aside' | 'back' | 'unknown'; basket: number; left: number }

function shownOf({ verdict, basket, left }: Answer, code: string, say: Say): Shown {
  const rest =
    left === 0
      ? say(['分完了', 'All sorted'])
      : say(['还有 {n} 件', '{n} {n|piece|pieces} left'], { n: count(left) })
  const number = String(basket).padStart(2, '0')
  if (verdict === 'basket') return { tone: 'ok', big: number, text: `${basketCode(basket)} · ${rest}` }
  if (verdict === 'aside')
    return {
      tone: 'stop',
      big: number,
      text: say(['{basket} 已拦截：放进去，不发', '{basket} is stopped: put it in, it does not ship'], {
        basket: basketCode(basket),
      }),
    }
  if (verdict === 'back')
    return {
      tone: 'wrong',
      big: '↩',
      text: say(['没有篮子要 {code}：放回库位', 'No basket needs {code}: back to its bin'], { code }),
    }
  return {
    tone: 'wrong',
    big: '?',
    text: say(['{code} 不是这个波次的货', '{code} is not of this wave'], { code }),
  }
}

/** 播种: each scanned piece names its basket, in letters that are read across a table. */
export default function SortPage() {
  const { waveId } = useParams({ strict: false })
  const id = waveId ?? ''
  const say = useSay()
  const queries = useQueryClient()
  const inTurn = useInTurn()
  const found = useWave(id)
  const [shown, setShown] = useState<Shown>()
  // A piece that is scanned again after a lost answer counts once.
  const [keys] = useState(keptKey)
  const scan = (code: string) =>
    inTurn(async () => {
      try {
        const answer = await post('/waves/:id/sort', { key: keys.of({ id, code }), code }, { id })
        keys.answered()
        setShown(shownOf(answer, code, say))
      } catch (error) {
        const offline = say([
          '离线不能播种：每件都要先看退款',
          'Nothing is sorted offline: each piece asks about refunds first',
        ])
        setShown({ tone: 'wrong', big: '!', text: isAway(error) ? offline : errorText(error) })
      }
      await queries.invalidateQueries({ queryKey: ['/waves'] })
    })
  const detail = found.data
  return (
    <main className="sort-page">
      <header>
        <PageLink to="/waves" search={{ open: id }} className="phone-back" aria-label={say(['返回', 'Back'])}>
          ‹
        </PageLink>
        <b className="num">{detail?.wave.no}</b>
        <span className="t2">{detail && ruleNameOf(detail.wave, say)}</span>
        <span className="push num">
          {detail &&
            say(['已分 {done} / {n} 件', '{done} of {n} {n|piece|pieces} sorted'], {
              done: count(detail.wave.sorted),
              n: count(detail.wave.sorted + detail.unsorted),
            })}
        </span>
      </header>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      <output className={`sort-verdict ${shown?.tone ?? 'idle'}`}>
        <b className="num">{shown?.big ?? ''}</b>
        <span>{shown?.text ?? say(['扫一件商品，告诉你放哪个篮', 'Scan a piece to see its basket'])}</span>
      </output>
      <ScanBox hint={say(['扫商品条码', 'Scan the goods'])} onScan={scan} />
      <div className="sort-baskets">
        {detail?.baskets.map(({ basket, picked, sorted, stop, left }) => (
          <div
            key={basket}
            className={stop !== null || left !== '' ? 'stopped' : sorted >= picked ? 'full' : undefined}
            title={stop ? say(stop) : undefined}
          >
            <b className="num">{String(basket).padStart(2, '0')}</b>
            <span className="num t2">{`${sorted} / ${picked}`}</span>
          </div>
        ))}
      </div>
    </main>
  )
}
