import type { LocalizedPair } from '../../words.ts'
import type { Wave } from './types.ts'

export type Asked = 'pickRest' | 'cut' | 'cancel'

/** The question before a wave ends: where do its parcels go, and where their picked pieces? */
export function askOf(asked: Asked, sorting: Wave['sorting']): LocalizedPair {
  if (asked === 'pickRest')
    return [
      '没走完的站都按拣货单拿齐了，拣货结束。有少的先到「去拣货」报少货；拦下的单不算拣，它的货列入待放回。',
      'All open stops were taken by the printed list, and picking ends. Report what was missing first, under Pick. A stopped parcel is not picked: its goods are listed to be put back.',
    ]
  if (asked === 'cancel') return ['这些单重新等波次。', 'Its parcels wait for another wave.']
  return sorting === 'none'
    ? [
        '没拣完的单离开这个波次，等下一个波次；这些单已拣的货列入待放回，下个波次重新拣。',
        'Parcels that are not whole leave the wave and wait for another one. Their picked pieces are listed to be put back, and are picked anew.',
      ]
    : [
        '没拣完的单离开这个波次，等下一个波次；已拣的留在篮里，不会再拣一次。',
        'Parcels that are not whole leave the wave and wait for another one. Picked pieces stay in their basket and are not picked again.',
      ]
}
