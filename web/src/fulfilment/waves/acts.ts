import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { waveVerbs } from '../../../../server/fulfilment/waves/verbs-contract.ts'
import { type Outcome, post } from '../../api.ts'
import { outcomeWords } from '../../ui/act/carry-out.ts'
import { useAllowed, useMe } from '../../ui/base/session.ts'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { type NextStep, nextStepOf } from './next-step.ts'
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
    onSuccess: async ({ results: [outcome] }, { name }) => {
      if (outcome?.done) toast('ok', say(waveVerbs[name].done, { n: 1 }))
      else if (outcome) toast('warn', await outcomeWords(outcome, say))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  return { run: mutate, isPending }
}

export type WaveAct = { words: LocalizedPair; why: string | undefined; run: () => void }

const stepWords: Record<NextStep, LocalizedPair> = {
  claim: ['领取', 'Claim'],
  takeOver: ['接手', 'Take over'],
  pick: ['去拣货', 'Pick'],
  sort: ['去播种', 'Sort'],
  handOver: ['交验货', 'Hand over'],
}

/** Returns the one next step of a wave; undefined: there is none. `unsorted`: pieces that wait to be sorted, if they are counted. */
export function useNextAct(): (wave: Wave, unsorted?: number) => WaveAct | undefined {
  const why = useAllowed()('fulfilment.ship')
  const me = useMe()
  const navigate = useNavigate()
  const { run } = useWaveVerb()
  return (wave, unsorted) => {
    const { id } = wave
    const to = (at: '/phone/pick/$waveId' | '/sort/$waveId') => () =>
      void navigate({ to: at, params: { waveId: id } })
    const does: Record<NextStep, () => void> = {
      claim: () => run({ name: 'claim', id }),
      takeOver: () => run({ name: 'claim', id, takeOver: true }),
      pick: to('/phone/pick/$waveId'),
      sort: to('/sort/$waveId'),
      handOver: () => run({ name: 'handOver', id }),
    }
    const step = nextStepOf(wave, me?.id, unsorted)
    return step && { words: stepWords[step], why, run: does[step] }
  }
}
