// This thread reads one sheet, answers, and ends. `sheet-apart.ts` starts it.
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { SheetAnswer } from './sheet-apart.ts'
import { pickRows, type SheetAsk } from './sheet-pick.ts'

const ask: SheetAsk = workerData
parentPort?.postMessage(answer())

function answer(): SheetAnswer {
  try {
    return { rows: pickRows(ask) }
  } catch (error) {
    if (error instanceof AppError) return { refusal: { code: error.code, params: error.params } }
    throw error
  }
}
