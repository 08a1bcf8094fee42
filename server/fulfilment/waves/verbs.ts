import { defineVerb, plain, type VerbRows } from '../../core/verbs.ts'
import { claimFields } from './contract.ts'
import { cancelWaves, claimWaves, cutWaves, handOverWaves, pickRest } from './pick.ts'
import { waveVerbs as declared } from './verbs-contract.ts'

const rows: VerbRows = { of: 'wave', tag: 'fulfilment' }

export const waveVerbs = [
  defineVerb(declared.claim, { rows, input: claimFields, run: claimWaves }),
  defineVerb(declared.pickRest, { rows, run: plain(pickRest) }),
  defineVerb(declared.cut, { rows, run: plain(cutWaves) }),
  defineVerb(declared.handOver, { rows, run: plain(handOverWaves) }),
  defineVerb(declared.cancel, { rows, run: plain(cancelWaves) }),
]
