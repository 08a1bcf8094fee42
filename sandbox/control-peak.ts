import { type Body, defined, flag, number } from './json-body.ts'
import { endPeak, type Peak, startPeak } from './peak.ts'
import type { Sandbox } from './state.ts'
import type { Shop } from './world/model.ts'

/** Begins peak hours for these shops (`on`), or ends them. */
export function changePeak({ world, board }: Sandbox, shops: readonly Shop[], body: Body): void {
  for (const shop of shops) {
    if (!flag(body, 'on')) endPeak(board, shop)
    else
      startPeak(
        world,
        board,
        shop,
        defined<Peak>({
          staleSeconds: number(body, 'staleSeconds'),
          uneven: flag(body, 'uneven'),
          quota: number(body, 'quota'),
        }),
      )
  }
}
