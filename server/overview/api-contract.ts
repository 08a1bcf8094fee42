import { alarmSum, alarmsAnswer } from '../alarms/contract.ts'
import { overview } from './contract.ts'

/** What each request of this slice takes and answers: the pages' requests are typed by it. */
export const overviewApi = {
  'GET /alarms': { response: alarmsAnswer },
  'GET /overview': { response: overview },
  'GET /overview/alarms': { response: alarmSum },
}
