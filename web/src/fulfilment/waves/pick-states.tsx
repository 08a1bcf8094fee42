import { useQueryClient } from '@tanstack/react-query'
import { basketCode } from '../../../../server/fulfilment/waves/lifecycle.ts'
import { errorText, type Outcome, post } from '../../api.ts'
import { inTime, isAway } from '../../phone/away.ts'
import { waitingScans } from '../../phone/queue.ts'
import { useInTurn } from '../../phone/use-in-turn.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { Button } from '../../ui/base/button.tsx'
import { count } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { Wave, WaveDetail } from './types.ts'

type Wrong = (text: string) => void

/** Returns a function that asks the server for a verb over one wave, and says why it was not done. `offline`: the words without a network. */
function useOnline(wrong: Wrong) {
  const say = useSay()
  const queries = useQueryClient()
  const inTurn = useInTurn()
  return (ask: () => Promise<{ results: Outcome[] }>, offline: LocalizedPair) =>
    inTurn(async () => {
      try {
        const { results } = await inTime(ask())
        const [outcome] = results
        if (outcome && !outcome.done) wrong(outcomeText(outcome, say))
      } catch (error) {
        wrong(isAway(error) ? say(offline) : errorText(error))
      }
      await queries.invalidateQueries({ queryKey: ['/waves'] })
    })
}

/** A wave that another person picks. The next picker takes it over first. */
export function OthersWave({ wave, wrong }: { wave: Wave; wrong: Wrong }) {
  const say = useSay()
  const online = useOnline(wrong)
  const takeOver = () =>
    online(
      () => post('/waves/claim', { ids: [wave.id], takeOver: true }),
      ['接手要联网', 'A wave is taken over online only'],
    )
  return (
    <section className="phone-ended">
      <h2>{say(['{name} 在拣', '{name} is picking it'], { name: wave.claimedBy ?? '' })}</h2>
      <p className="t2">
        {say(['接手后由你接着拣，已拣的不变', 'You go on with it; the picked pieces stay'])}
      </p>
      <Button size="large" action="take-over" onClick={takeOver}>
        {say(['接手', 'Take over'])}
      </Button>
      <PageLink to="/phone/pick" className="button large">
        {say(['别的波次', 'Other waves'])}
      </PageLink>
    </section>
  )
}

/** The acts after the last stop: end the picking, sort, or go to another wave. */
export function Ended({ detail, wrong }: { detail: WaveDetail; wrong: Wrong }) {
  const say = useSay()
  const online = useOnline(wrong)
  const { wave, baskets, left, unsorted } = detail
  // Kept picks arrive before the wave may end.
  const mayEnd = wave.status === 'picking' && !waitingScans('pick').some(({ waveId }) => waveId === wave.id)
  const stopped = baskets.filter(({ stop, left }) => stop !== null || left !== '')
  // A wave does not end by itself if its last pieces were stopped instead of picked. Parcels that are not whole leave it.
  const end = () =>
    online(() => post('/waves/cut', { ids: [wave.id] }), ['结束拣货要联网', 'Picking is ended online only'])
  return (
    <section className="phone-ended">
      <h2>
        {say(
          wave.status === 'open'
            ? ['还没领', 'Not claimed yet']
            : wave.status === 'picking'
              ? ['没有要拣的了', 'Nothing left to pick']
              : ['拣完了', 'All picked'],
        )}
      </h2>
      {stopped.length > 0 && (
        <p className="ink-warn">
          {say(['拦下或离开的篮：{baskets}', 'Stopped or gone: {baskets}'], {
            baskets: stopped.map(({ basket }) => basketCode(basket)).join(say(['、', ', '])),
          })}
        </p>
      )}
      {mayEnd && left > 0 && (
        <p className="t2">
          {say(
            [
              '还差 {n} 件的单离开波次，等下一个波次',
              'The parcels that lack {n} {n|piece|pieces} leave the wave and wait',
            ],
            { n: count(left) },
          )}
        </p>
      )}
      {mayEnd && (
        <Button size="large" action="end-picking" onClick={end}>
          {say(['结束拣货', 'End picking'])}
        </Button>
      )}
      {wave.sorting === 'after' &&
        unsorted > 0 &&
        (wave.status === 'picked' || wave.status === 'sorting') && (
          <PageLink to="/sort/$waveId" params={{ waveId: wave.id }} className="button primary large">
            {say(['去播种', 'Sort'])}
          </PageLink>
        )}
      <PageLink to="/phone/pick" className="button large">
        {say(['别的波次', 'Other waves'])}
      </PageLink>
    </section>
  )
}
