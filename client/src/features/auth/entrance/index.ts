export { ForgotPassword, type ForgotPasswordProps } from "./forgot-password.tsx";
export { ResetPassword, type ResetPasswordProps } from "./reset-password.tsx";
export { SignIn, type SignInProps } from "./sign-in.tsx";
export { SignUp, type SignUpProps } from "./sign-up.tsx";
