import { useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { basketCode } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { errorText, get, post } from '../../api.ts'
import { actKey } from '../../ui/base/act-key.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { count } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { type Say, useSay } from '../../words.ts'
import { useWave } from './query.ts'
import { ScanBox, useInTurn } from './scan-box.tsx'
import type { WaveDetail } from './types.ts'
import './waves.css'

type Line = WaveDetail['lines'][number]
type News = { tone: 'ok' | 'wrong' | 'warn'; text: string }

/** 拣货 on a phone: one stop at a time, the scanner in the hand. */
export default function PickPage() {
  const { waveId } = useParams({ strict: false })
  const id = waveId ?? ''
  const say = useSay()
  const found = useWave(id)
  const { news, scan, all, short } = usePicking(id, say)
  const detail = found.data
  const line = detail?.lines.find(({ done }) => !done)
  return (
    <main className={`phone${news?.tone === 'wrong' ? ' wrong' : ''}`}>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {detail && <Head detail={detail} line={line} />}
      {detail && line && detail.wave.status === 'picking' && (
        <Stop line={line} sorting={detail.wave.sorting} />
      )}
      {detail && (!line || detail.wave.status !== 'picking') && <Ended detail={detail} />}
      <output className={`phone-news ${news?.tone ?? ''}`}>{news?.text}</output>
      {line && detail?.wave.status === 'picking' && (
        <footer>
          <ScanBox
            hint={say(['扫 {code} 或库位', 'Scan {code} or the bin'], { code: line.name || line.code })}
            onScan={scan}
          />
          <div className="phone-acts">
            <Button size="large" action="short" onClick={short}>
              {say(['少货', 'Missing'])}
            </Button>
            <Button size="large" action="all" onClick={all}>
              {say(['整站拿齐', 'All taken here'])}
            </Button>
          </div>
        </footer>
      )}
    </main>
  )
}

/** Handles scans and buttons one after the other, each with the state that the server has then. */
function usePicking(id: string, say: Say) {
  const queries = useQueryClient()
  const inTurn = useInTurn()
  const [news, setNews] = useState<News>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const show = (next: News) => {
    setNews(next)
    if (next.tone === 'wrong') navigator.vibrate?.(200)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setNews(next.tone === 'wrong' ? { ...next, tone: 'warn' } : next), 300)
  }
  const now = () => get('/waves/:id', { id })
  const withLine = (work: (line: Line) => Promise<News>) =>
    inTurn(async () => {
      try {
        const line = (await now()).lines.find(({ done }) => !done)
        if (line) show(await work(line))
      } catch (error) {
        show({ tone: 'wrong', text: errorText(error) })
      }
      await queries.invalidateQueries({ queryKey: ['/waves'] })
    })
  const take = async (line: Line, pieces: number): Promise<News> => {
    await post('/waves/:id/pick', { key: actKey(), seq: line.seq, pieces }, { id })
    return {
      tone: 'ok',
      text: say(['拿了 {n} 件 {code}', '{n} × {code} taken'], { n: pieces, code: line.code }),
    }
  }
  return {
    news,
    scan: (code: string) =>
      withLine(async (line) => {
        if (code === line.code || line.barcodes.includes(code)) return take(line, 1)
        if (code.toUpperCase() === line.bin) return { tone: 'ok', text: say(['库位对', 'The right bin']) }
        return {
          tone: 'wrong',
          text: say(['不对，这是 {is}，要 {wanted}', 'Wrong: this is {is}, {wanted} is needed'], {
            is: code,
            wanted: line.code,
          }),
        }
      }),
    all: () => withLine((line) => take(line, line.wanted)),
    short: () =>
      withLine(async (line) => {
        const answer = await post('/waves/:id/short', { key: actKey(), seq: line.seq }, { id })
        if (answer.bin !== '')
          return {
            tone: 'warn',
            text: say(['还差 {n} 件，去备库位 {bin}', '{n} more at the spare bin {bin}'], {
              n: answer.missing,
              bin: answer.bin,
            }),
          }
        return {
          tone: 'warn',
          text: say(['少 {n} 件，{baskets} 离开波次等货', '{n} missing: {baskets} leave the wave and wait'], {
            n: answer.missing,
            baskets: answer.baskets.map(basketCode).join(say(['、', ', '])),
          }),
        }
      }),
  }
}

function Head({ detail: { wave, lines, baskets }, line }: { detail: WaveDetail; line: Line | undefined }) {
  const say = useSay()
  const at = line ? lines.indexOf(line) + 1 : lines.length
  return (
    <header>
      <PageLink to="/waves" className="phone-back" aria-label={say(['返回', 'Back'])}>
        ‹
      </PageLink>
      <div className="grow">
        <b className="num">{wave.no}</b>
        <div className="t2">{`${wave.ruleName} · ${say(['{n} 篮', '{n} baskets'], { n: baskets.length })}`}</div>
      </div>
      <div className="right num">
        <div className="t2">{say(['第 {at} / {n} 站', 'Stop {at} / {n}'], { at, n: lines.length })}</div>
        <b>
          {say(['{done} / {n} 件', '{done} / {n} pcs'], {
            done: count(wave.picked),
            n: count(wave.pieceCount),
          })}
        </b>
      </div>
      <progress max={wave.pieceCount} value={wave.picked} aria-label={say(['进度', 'Progress'])} />
    </header>
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
          <span>{say(['件', 'pcs'])}</span>
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

function Ended({ detail: { wave, baskets } }: { detail: WaveDetail }) {
  const say = useSay()
  const stopped = baskets.filter(({ stop, left }) => stop !== null || left !== '')
  return (
    <section className="phone-ended">
      <h1>
        {say(
          wave.status === 'open'
            ? ['还没领', 'Not claimed yet']
            : wave.status === 'picking'
              ? ['没有要拣的了', 'Nothing left to pick']
              : ['拣完了', 'All picked'],
        )}
      </h1>
      {stopped.length > 0 && (
        <p className="ink-warn">
          {say(['拦下或离开的篮：{baskets}', 'Stopped or gone: {baskets}'], {
            baskets: stopped.map(({ basket }) => basketCode(basket)).join(say(['、', ', '])),
          })}
        </p>
      )}
      {wave.sorting === 'after' && (wave.status === 'picked' || wave.status === 'sorting') && (
        <PageLink to="/sort/$waveId" params={{ waveId: wave.id }} className="button primary large">
          {say(['去播种', 'Sort'])}
        </PageLink>
      )}
      <PageLink to="/waves" search={{ open: wave.id }} className="button plain large">
        {say(['回波次', 'Back to the waves'])}
      </PageLink>
    </section>
  )
}
