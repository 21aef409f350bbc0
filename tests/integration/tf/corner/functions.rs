//! Functions that add, fail, panic and lie.

use keyrail::tf::function::{Function, FunctionError, Parameter, Signature};
use keyrail::tf::{Error, Type, Value};

pub(crate) fn all() -> Vec<Box<dyn Function>> {
    vec![Box::new(Sum), Box::new(Broken { name: "panics" }), Box::new(Broken { name: "lies" })]
}

struct Sum;

impl Function for Sum {
    fn name(&self) -> &'static str {
        "sum"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::Number, "Adds whole numbers")
            .parameter(Parameter::new("first", Type::Number, "Where to start."))
            .variadic(Parameter::new("rest", Type::Number, "What to add."))
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let mut sum = 0_i64;
        for (position, argument) in arguments.iter().enumerate() {
            let number =
                argument.as_i64().map_err(|error: Error| FunctionError::from(error).argument(position))?;
            sum = sum.saturating_add(number.known().unwrap_or_default());
        }
        Ok(sum.into())
    }
}

struct Broken {
    name: &'static str,
}

impl Function for Broken {
    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::Number, "Misbehaves")
    }

    fn call(&self, _arguments: &[Value]) -> Result<Value, FunctionError> {
        assert!(self.name != "panics", "the function fell over");
        Ok("no number".into())
    }
}
