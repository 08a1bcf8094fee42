import { useParams } from '@tanstack/react-router'
import { waveSortingWords } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { Button } from '../../ui/base/button.tsx'
import { LoadError } from '../../ui/base/empty.tsx'
import { count } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { PageLink } from '../../ui/base/page-link.tsx'
import { fullTime } from '../../ui/base/time.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import { useWave } from './query.ts'
import { ruleNameOf } from './rule-name.ts'
import { basketsToFill } from './stops.ts'
import './waves.css'

const printWords: LocalizedPair = ['打印', 'Print']

/** 拣货单: the way of a wave on paper. */
export default function PaperPage() {
  const { waveId } = useParams({ strict: false })
  const say = useSay()
  const name = useCourierName()
  const found = useWave(waveId ?? '')
  const print = () => window.print()
  useKeys([{ key: 'p', words: printWords, run: print }])
  const detail = found.data
  if (!detail) return found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />
  const { wave, lines } = detail
  return (
    <main className="pick-paper">
      <div className="row no-print">
        <PageLink to="/waves" search={{ open: wave.id }} className="link">
          {say(['回波次', 'Back to the waves'])}
        </PageLink>
        <Button kind="primary" letter="P" onClick={print}>
          {say(printWords)}
        </Button>
      </div>
      <h1>
        {say(['拣货单', 'Pick list'])} <span className="num">{wave.no}</span>
      </h1>
      <p>
        {[
          ruleNameOf(wave, say),
          wave.courier === '' ? '' : name(wave.courier),
          say(waveSortingWords[wave.sorting]),
          say(
            ['{orders} 单 {pieces} 件', '{orders} {orders|parcel|parcels}, {pieces} {pieces|piece|pieces}'],
            {
              orders: count(wave.orderCount),
              pieces: count(wave.pieceCount),
            },
          ),
          // A list that is printed while the wave is picked has only the rest.
          detail.left < wave.pieceCount
            ? say(['这张单 {n} 件', '{n} {n|piece|pieces} on this list'], { n: count(detail.left) })
            : '',
          wave.shipBy ? say(['最急 {at}', 'most urgent {at}'], { at: fullTime(wave.shipBy) }) : '',
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <table>
        <thead>
          <tr>
            <th />
            <th>{say(['库位', 'Bin'])}</th>
            <th>{say(['商品', 'Goods'])}</th>
            <th>{say(['商家编码', 'Code'])}</th>
            <th className="right">{say(['件', 'Pcs'])}</th>
            {wave.sorting === 'picking' && <th>{say(['放篮', 'Baskets'])}</th>}
            <th>{say(['实拣', 'Taken'])}</th>
          </tr>
        </thead>
        <tbody>
          {lines
            .filter(({ done, wanted }) => !done && wanted > 0)
            .map((line, at) => (
              <tr key={line.seq}>
                <td className="num">{at + 1}</td>
                <td className="num paper-bin">{line.bin}</td>
                <td>{[line.name, line.spec].filter(Boolean).join(' ')}</td>
                <td className="num">{line.code}</td>
                <td className="right num paper-bin">{count(line.wanted)}</td>
                {wave.sorting === 'picking' && (
                  <td className="num">
                    {basketsToFill(line.baskets)
                      .map(({ basket, pieces }) => `${basket}×${pieces}`)
                      .join('  ')}
                  </td>
                )}
                <td className="paper-blank" />
              </tr>
            ))}
        </tbody>
      </table>
    </main>
  )
}
