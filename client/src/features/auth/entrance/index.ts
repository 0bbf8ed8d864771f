export { ForgotPassword, type ForgotPasswordProps } from "./forgot-password.tsx";
export { ResetPassword, type ResetPasswordProps } from "./reset-password.tsx";
export { SignIn, type SignInProps } from "./sign-in.tsx";
export type { SignUpProps } from "./sign-up-props.ts";
export { SignUp } from "./sign-up.tsx";
