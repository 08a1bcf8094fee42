import type { Routes } from '../http.ts'
import { signInRoutes } from './sign-in-routes.ts'

export const routes: Routes = async (app) => {
  await app.register(signInRoutes)
}
