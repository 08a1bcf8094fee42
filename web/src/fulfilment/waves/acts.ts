import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { waveVerbs } from '../../../../server/fulfilment/waves/verbs-contract.ts'
import { type Outcome, post } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { useAllowed, useMe } from '../../ui/base/session.ts'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { Wave } from './types.ts'

type VerbName = keyof typeof waveVerbs

const send: Record<VerbName, (id: string, takeOver: boolean) => Promise<{ results: Outcome[] }>> = {
  claim: (id, takeOver) => post('/waves/claim', { ids: [id], takeOver }),
  pickRest: (id) => post('/waves/pick-rest', { ids: [id] }),
  cut: (id) => post('/waves/cut', { ids: [id] }),
  handOver: (id) => post('/waves/hand-over', { ids: [id] }),
  cancel: (id) => post('/waves/cancel', { ids: [id] }),
}

/** Does a verb to one wave, and says how it went. */
export function useWaveVerb() {
  const say = useSay()
  const queries = useQueryClient()
  const { mutate, isPending } = useMutation({
    mutationFn: ({ name, id, takeOver = false }: { name: VerbName; id: string; takeOver?: boolean }) =>
      send[name](id, takeOver),
    onSuccess: ({ results: [outcome] }, { name }) => {
      if (outcome?.done) toast('ok', say(waveVerbs[name].done, { n: 1 }))
      else if (outcome) toast('warn', outcomeText(outcome, say))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  return { run: mutate, isPending }
}

export type WaveAct = { words: LocalizedPair; why: string | undefined; run: () => void }

/** Returns the one next step of a wave; undefined: there is none. */
export function useNextAct(): (wave: Wave) => WaveAct | undefined {
  const why = useAllowed()('fulfilment.ship')
  const me = useMe()
  const navigate = useNavigate()
  const { run } = useWaveVerb()
  return (wave) => {
    const to = (at: '/phone/pick/$waveId' | '/sort/$waveId') => () =>
      void navigate({ to: at, params: { waveId: wave.id } })
    if (wave.status === 'open')
      return { words: ['领取', 'Claim'], why, run: () => run({ name: 'claim', id: wave.id }) }
    if (wave.status === 'picking' && wave.claimedById !== me?.id)
      return {
        words: ['接手', 'Take over'],
        why,
        run: () => run({ name: 'claim', id: wave.id, takeOver: true }),
      }
    if (wave.status === 'picking') return { words: ['去拣货', 'Pick'], why, run: to('/phone/pick/$waveId') }
    if ((wave.status === 'picked' || wave.status === 'sorting') && wave.sorting === 'after')
      return { words: ['去播种', 'Sort'], why, run: to('/sort/$waveId') }
    if (wave.status === 'picked')
      return { words: ['交验货', 'Hand over'], why, run: () => run({ name: 'handOver', id: wave.id }) }
    return undefined
  }
}
