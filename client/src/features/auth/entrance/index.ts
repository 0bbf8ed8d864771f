export { SignIn, type SignInProps } from "./sign-in.tsx";
export { SignUp, type SignUpProps } from "./sign-up.tsx";
